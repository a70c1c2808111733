/// What trace an event belongs to, and what ids its spans have. Depends on `dev.nexus.event` and
/// `dev.nexus.event.task` only.
@NullMarked
package dev.nexus.event.trace;

import org.jspecify.annotations.NullMarked;
