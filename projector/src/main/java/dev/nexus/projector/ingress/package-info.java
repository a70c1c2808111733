/// What is kept about each outside event: what came, what was decided about it, and its place in
/// the lists. Pure: depends on `event-schemas` and the `store` package's mutations.
@NullMarked
package dev.nexus.projector.ingress;

import org.jspecify.annotations.NullMarked;
