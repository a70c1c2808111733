/// Decisions about who serves a component, with their reasons. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.promotion;

import org.jspecify.annotations.NullMarked;
