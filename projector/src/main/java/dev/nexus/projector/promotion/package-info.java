/// What is kept about who serves a component and why: decisions, routes and evidence. Pure: depends
/// on `event-schemas` and the `store` package's mutations.
@NullMarked
package dev.nexus.projector.promotion;

import org.jspecify.annotations.NullMarked;
