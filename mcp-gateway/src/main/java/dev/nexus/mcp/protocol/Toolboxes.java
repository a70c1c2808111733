package dev.nexus.mcp.protocol;

import dev.nexus.platform.http.HttpCaller;

/// Says what each caller may use.
public interface Toolboxes {

  /// Everything the caller may use. `traceparent` is the W3C trace context of its call, or "".
  Toolbox all(HttpCaller caller, String traceparent);

  /// What one application offers. Ends in an audited 403 when the caller may not use it.
  Toolbox of(HttpCaller caller, String traceparent, String appId);
}
