/// How a task is taken from its lane, held and answered. Depends on `work`, `pool`,
/// `platform.stream` and `event-schemas`; it knows nothing of what the work is.
@NullMarked
package dev.nexus.executor.inbox;

import org.jspecify.annotations.NullMarked;
