/// What is kept about published applications. Pure: depends on `event-schemas` and the `store`
/// package's mutations.
@NullMarked
package dev.nexus.projector.application;

import org.jspecify.annotations.NullMarked;
