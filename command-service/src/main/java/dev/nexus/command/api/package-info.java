/// The HTTP API of the write side: applications, invocations, executions, keys, hooks. Depends on
/// the other packages of this service and on Micronaut, whose annotations are allowed here.
@NullMarked
package dev.nexus.command.api;

import org.jspecify.annotations.NullMarked;
