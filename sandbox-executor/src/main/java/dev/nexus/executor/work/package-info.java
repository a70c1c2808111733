/// What a task is to those that do it, and what comes of it. Depends on `event-schemas` and, for
/// hints in errors, on `platform.http`.
@NullMarked
package dev.nexus.executor.work;

import org.jspecify.annotations.NullMarked;
