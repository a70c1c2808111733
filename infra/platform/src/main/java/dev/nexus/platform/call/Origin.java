package dev.nexus.platform.call;

import dev.nexus.event.TenantId;
import java.util.regex.Pattern;

/// Where a request comes from.
///
/// @param actor who asks: key:<id>, integration:<id> or service:<name>
/// @param road http, grpc, mcp, trigger or oracle
/// @param traceparent W3C trace context, or ""; a text that is none becomes "", so that no caller
///     can put just any text into events and headers
public record Origin(TenantId tenant, String actor, String road, String traceparent) {
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  public Origin {
    traceparent = validTrace(traceparent);
  }

  /// The text when it is a trace context, else "".
  public static String validTrace(String text) {
    return TRACEPARENT.matcher(text).matches() ? text : "";
  }
}
