/// What an execution is and how it goes on: decisions and the fold of its facts. Pure: depends on
/// `java.*` and `event-schemas` only, so that a replay meets neither clock nor network.
@NullMarked
package dev.nexus.command.execution;

import org.jspecify.annotations.NullMarked;
