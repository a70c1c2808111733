/// Services over HTTP: how they stand, and the way to those that are spoken to. May depend on
/// `service` and on Micronaut's HTTP.
@NullMarked
package dev.nexus.executor.api;

import org.jspecify.annotations.NullMarked;
