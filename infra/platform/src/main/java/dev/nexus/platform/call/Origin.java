package dev.nexus.platform.call;

import dev.nexus.event.TenantId;

/// Where a request comes from.
///
/// @param actor who asks: key:<id>, integration:<id> or service:<name>
/// @param road http, grpc, mcp, trigger or oracle
/// @param traceparent W3C trace context, or ""
public record Origin(TenantId tenant, String actor, String road, String traceparent) {}
