package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.e2e.ServicesApart.Service;
import dev.nexus.testkit.Eventually;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// kill -9 of each service as a process of its own, at a random point of a load that goes through
/// all of them: the others go on with what does not need it, and what was accepted ends once.
class ServicesApartIT {
  @RegisterExtension static final FaultRig rig = FaultRig.apart();

  private static final String INVOKE = "/v1/apps/kill/components/echo/invoke?wait=0s";

  @ParameterizedTest
  @EnumSource(Service.class)
  void shouldLoseNothingWhenAServiceIsKilledAndStartedAgain(Service service) throws Exception {
    rig.through(
        name(service) + " killed",
        () -> {
          if (service == Service.GATEWAY) {
            killAmidToolCalls();
          } else {
            kill(service);
          }
        });
  }

  private static void kill(Service service) throws Exception {
    rig.services().kill(service);
    whatIsSeenWithout(service);
    rig.pause(Duration.ZERO, Duration.ofSeconds(1));
    rig.services().start(service);
  }

  /// Other load does not go through the gateway.
  private static void killAmidToolCalls() throws Exception {
    try (var tools = new ToolCalls(rig.services().url(Service.GATEWAY), rig.key())) {
      awaitMore(tools);
      kill(Service.GATEWAY);
      awaitMore(tools);
      rig.alsoAccepted(tools.finish());
    }
  }

  private static void awaitMore(ToolCalls tools) {
    int before = tools.executions().size();
    Eventually.value(
        FaultRig.RECOVERED_WITHIN, tools::executions, e -> e.size() > before + 5, "tool calls");
  }

  private static void whatIsSeenWithout(Service service) throws Exception {
    switch (service) {
      case COMMAND_SERVICE -> {
        assertThatThrownBy(() -> rig.post(INVOKE, "{}")).isInstanceOf(ConnectException.class);
        assertThat(rig.get("/v1/executions?limit=1").statusCode()).isEqualTo(200);
      }
      case PROJECTOR -> {
        assertThatThrownBy(() -> rig.get("/v1/executions?limit=1"))
            .isInstanceOf(ConnectException.class);
        assertThat(rig.call("echo").statusCode()).isEqualTo(200);
      }
      case EXECUTOR -> assertThat(rig.post(INVOKE, "{}").statusCode()).isEqualTo(202);
      case GATEWAY, ORACLE -> assertThat(rig.call("echo").statusCode()).isEqualTo(200);
    }
  }

  private static String name(Service service) {
    return service.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
