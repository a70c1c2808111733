/// Facts about executions, written by the router alone. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.execution;

import org.jspecify.annotations.NullMarked;
