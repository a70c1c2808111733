/// What is kept about each execution: a summary, its facts, and its place in the lists. Pure:
/// depends on `event-schemas` and the `store` package's mutations.
@NullMarked
package dev.nexus.projector.execution;

import org.jspecify.annotations.NullMarked;
