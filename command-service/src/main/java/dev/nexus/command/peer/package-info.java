/// Where requests go that another service answers: this one is the address callers know, reads and
/// streams are the projector's, MCP the gateway's, services run at an executor. May depend on
/// Micronaut's HTTP, the platform's
/// settings and problem details.
@NullMarked
package dev.nexus.command.peer;

import org.jspecify.annotations.NullMarked;
