/// Asking for executions and waiting for their answers, the same way from every edge: HTTP, gRPC,
/// MCP. Also what goes with it: checks of inputs, and tokens that name what a later read must show.
/// Depends on `event-schemas`, `platform.stream`, `platform.catalog`, `platform.security`,
/// `platform.admission` and the fault records of `platform.http`.
@NullMarked
package dev.nexus.platform.call;

import org.jspecify.annotations.NullMarked;
