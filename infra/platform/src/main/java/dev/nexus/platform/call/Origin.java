package dev.nexus.platform.call;

import dev.nexus.event.TenantId;
import dev.nexus.event.trace.TraceContext;
import dev.nexus.platform.security.Principal;
import java.time.Instant;

/// Where a request comes from.
///
/// @param actor who asks: key:<id>, integration:<id>, execution:<id>/<depth> or service:<name>
/// @param road http, grpc, mcp, trigger or oracle
/// @param traceparent W3C trace context, or ""; a text that is none becomes "", so that no caller
///     can put just any text into events and headers
/// @param until when whoever asks has ended, and what was asked for must have; `Instant.MAX` where
///     nobody says
public record Origin(
    TenantId tenant, String actor, String road, String traceparent, Instant until) {
  public Origin {
    traceparent = TraceContext.validTraceparent(traceparent);
  }

  /// A request that may outlive who asks.
  public Origin(TenantId tenant, String actor, String road, String traceparent) {
    this(tenant, actor, road, traceparent, Instant.MAX);
  }

  /// A request of somebody who was let in.
  public static Origin of(Principal principal, String road, String traceparent) {
    return new Origin(principal.tenant(), principal.actor(), road, traceparent, principal.until());
  }

  /// The same with another trace.
  public Origin traced(String other) {
    return new Origin(tenant, actor, road, other, until);
  }
}
