package dev.nexus.command.rpc;

import dev.nexus.platform.call.CallableComponents;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.stream.KafkaClients;
import io.grpc.BindableService;
import io.micronaut.context.BeanProvider;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.server.netty.NettyEmbeddedServer;
import jakarta.inject.Singleton;
import java.time.Clock;

/// The beans of the gRPC edge.
@Factory
@Requires(beans = KafkaClients.class)
final class RpcModule {

  @Singleton
  @Bean(preDestroy = "close")
  FrontDoor frontDoor(BeanProvider<NettyEmbeddedServer> http) {
    return new FrontDoor(() -> http.get().getURI());
  }

  @Singleton
  BindableService executions(
      CallableComponents components,
      ExecutionCaller executions,
      Tokens tokens,
      FrontDoor door,
      Clock clock) {
    return new ExecutionsEndpoint(components, executions, new Messages(tokens), door, clock);
  }
}
