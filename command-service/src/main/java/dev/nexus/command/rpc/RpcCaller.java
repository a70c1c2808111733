package dev.nexus.command.rpc;

import dev.nexus.platform.security.Principal;
import io.grpc.Context;

/// Who makes the present gRPC call.
///
/// @param key the key it presented, for asking on its behalf; never logged
/// @param traceparent trace context as it was sent, or ""
record RpcCaller(Principal principal, String remoteAddress, String key, String traceparent) {
  private static final Context.Key<RpcCaller> CURRENT = Context.key("nexus-caller");

  /// The caller of the call this thread works for; `Authentication` has seen to it.
  static RpcCaller current() {
    RpcCaller caller = CURRENT.get();
    if (caller == null) {
      throw new IllegalStateException("a gRPC call came past Authentication");
    }
    return caller;
  }

  Context within(Context context) {
    return context.withValue(CURRENT, this);
  }

  /// Without the key.
  @Override
  public String toString() {
    return principal + "@" + remoteAddress;
  }
}
