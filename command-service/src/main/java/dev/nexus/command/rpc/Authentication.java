package dev.nexus.command.rpc;

import dev.nexus.platform.security.AccessControl;
import dev.nexus.platform.security.AccessRefusedException;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.micronaut.context.BeanProvider;
import jakarta.inject.Singleton;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// Asks every gRPC call for its key, in the metadata `authorization: Bearer …` or `x-api-key`.
@Singleton
final class Authentication implements ServerInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION = key("authorization");
  private static final Metadata.Key<String> API_KEY = key("x-api-key");
  private static final Metadata.Key<String> TRACEPARENT = key("traceparent");

  private final BeanProvider<AccessControl> access;

  /// The server is built before the log is there, hence the provider.
  Authentication(BeanProvider<AccessControl> access) {
    this.access = access;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String presented =
        AccessControl.presentedKey(text(headers, AUTHORIZATION), text(headers, API_KEY));
    String remote = remoteAddress(call);
    try {
      var principal =
          access
              .get()
              .authenticate(
                  presented, "grpc " + call.getMethodDescriptor().getFullMethodName(), remote);
      var caller = new RpcCaller(principal, remote, presented, text(headers, TRACEPARENT));
      return Contexts.interceptCall(caller.within(Context.current()), call, headers, next);
    } catch (AccessRefusedException | RequestNotAcceptedException e) {
      StatusRuntimeException refusal = Refusals.of(e);
      Metadata details = refusal.getTrailers();
      call.close(refusal.getStatus(), details == null ? new Metadata() : details);
      return new ServerCall.Listener<>() {};
    }
  }

  private static String text(Metadata headers, Metadata.Key<String> key) {
    String value = headers.get(key);
    return value == null ? "" : value;
  }

  private static String remoteAddress(ServerCall<?, ?> call) {
    SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return address instanceof InetSocketAddress internet && internet.getAddress() != null
        ? internet.getAddress().getHostAddress()
        : String.valueOf(address);
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
