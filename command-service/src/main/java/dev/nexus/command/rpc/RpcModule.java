package dev.nexus.command.rpc;

import dev.nexus.command.access.Integrations;
import dev.nexus.command.intake.EventIntake;
import dev.nexus.command.intake.Registered;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.call.CallableComponents;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.security.AccessControl;
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
  BindableService events(
      Integrations integrations,
      Registered registered,
      AccessControl access,
      Admission admission,
      EventIntake intake,
      Settings settings) {
    StreamRoom room = StreamRoom.ofThisProcess(settings.number(Setting.MAX_BODY_BYTES));
    return new EventsEndpoint(integrations, registered, access, admission, intake, room);
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
