/// Outside events become requests: what is on `nexus.ingress` is checked, matched with triggers and
/// deduplicated by id. Depends on `access`, the contract, the platform and CloudEvents.
@NullMarked
package dev.nexus.command.trigger;

import org.jspecify.annotations.NullMarked;
