/// The executor's entry: what a process needs to add it. Depends on every package below it and on
/// Micronaut's injection.
@NullMarked
package dev.nexus.executor;

import org.jspecify.annotations.NullMarked;
