/// Outside events become requests: what is on `nexus.ingress` is let in and re-keyed, decided on
/// once, and matched with triggers. Depends on `access`, `expression`, `intake` for the
/// attributes of an event, the contract, the platform and CloudEvents.
@NullMarked
package dev.nexus.command.trigger;

import org.jspecify.annotations.NullMarked;
