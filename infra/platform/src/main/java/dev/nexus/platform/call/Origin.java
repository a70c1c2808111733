package dev.nexus.platform.call;

import dev.nexus.event.TenantId;
import dev.nexus.event.trace.TraceContext;

/// Where a request comes from.
///
/// @param actor who asks: key:<id>, integration:<id> or service:<name>
/// @param road http, grpc, mcp, trigger or oracle
/// @param traceparent W3C trace context, or ""; a text that is none becomes "", so that no caller
///     can put just any text into events and headers
public record Origin(TenantId tenant, String actor, String road, String traceparent) {
  public Origin {
    traceparent = TraceContext.validTraceparent(traceparent);
  }
}
