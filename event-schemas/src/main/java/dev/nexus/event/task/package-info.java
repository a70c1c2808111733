/// Work asked for by the router and what executors answer. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.task;

import org.jspecify.annotations.NullMarked;
