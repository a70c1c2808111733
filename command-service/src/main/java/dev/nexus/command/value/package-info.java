/// What becomes of runtime values: decisions and the fold of their facts. Pure: depends on `java.*`
/// and `event-schemas` only, so that a replay meets neither clock nor network.
@NullMarked
package dev.nexus.command.value;

import org.jspecify.annotations.NullMarked;
