/// Finds the definition a task belongs to and hands the task to what can do it. Depends on the
/// packages that do work and on `platform.catalog`.
@NullMarked
package dev.nexus.executor.dispatch;

import org.jspecify.annotations.NullMarked;
