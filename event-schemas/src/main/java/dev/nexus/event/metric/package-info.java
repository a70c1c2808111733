/// One measurement a task. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.metric;

import org.jspecify.annotations.NullMarked;
