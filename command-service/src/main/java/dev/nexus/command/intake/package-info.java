/// Outside events at the door: how they are read from HTTP, who may send for which source, and the
/// one writer of `nexus.ingress`. The edges `api` and `rpc` answer for it. Depends on `access`, the
/// contract, the platform and CloudEvents.
@NullMarked
package dev.nexus.command.intake;

import org.jspecify.annotations.NullMarked;
