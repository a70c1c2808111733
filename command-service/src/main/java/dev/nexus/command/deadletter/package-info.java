/// Records that were put aside: which there are, what they hold, and how one is tried again.
/// Depends on the contract, `platform.stream` and Kafka's clients.
@NullMarked
package dev.nexus.command.deadletter;

import org.jspecify.annotations.NullMarked;
