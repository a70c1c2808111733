package dev.nexus.executor.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.ServiceDefinition.Reach;
import dev.nexus.executor.Hardening;
import dev.nexus.executor.container.SocketDirectory;
import dev.nexus.executor.http.Header;
import dev.nexus.executor.http.Request;
import dev.nexus.executor.service.ServiceStatus.State;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the engine says of containers of services: that every limit reached them. That each rule
/// can fail is shown where those of pools are looked at.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ServiceHardeningIT {
  private static final Hardening SERVICE = Hardening.of(256, 1024, 1, 64L << 20);

  @Test
  void shouldHaveEveryLimitInAServiceAndInTheWayToIt() throws Exception {
    // Given
    ServiceRig.images();
    Path base = Files.createTempDirectory(Path.of("/tmp"), "nxs");
    var rig = new ServiceRig(base, UUID.randomUUID().toString());
    try {
      rig.define(
          ServiceRig.with(
              ServiceRig.server("web", ""),
              "/data",
              new Reach(8000, "", false),
              Duration.ofSeconds(60)));
      Eventually.holds(() -> assertThat(rig.status("web").state()).isEqualTo(State.HEALTHY));
      rig.services()
          .healthy(ServiceRig.key("web"))
          .port()
          .asked(
              new Request(
                  "GET",
                  "/",
                  List.of(new Header("Host", "shop")),
                  "".getBytes(StandardCharsets.UTF_8)),
              Duration.ofSeconds(30),
              1 << 20);

      // When
      Map<Boolean, String> byIsWay = new HashMap<>();
      for (var one : rig.found("web")) {
        byIsWay.put(one.labels().containsKey(Relay.LABEL), one.container());
      }

      // Then
      assertThat(byIsWay).hasSize(2);
      String service = byIsWay.get(false);
      assertThat(
              SERVICE
                  .with("none", Set.of("volume /data true"))
                  .faults(Hardening.inspected(service)))
          .isEmpty();
      assertThat(
              Hardening.of(256, 1024, 1, 48L << 20)
                  .with("container:" + service, Set.of(Hardening.SOCKETS))
                  .faults(Hardening.inspected(byIsWay.get(true))))
          .isEmpty();
    } finally {
      rig.close();
      ServiceRig.run("docker", "volume", "rm", rig.volume("web"));
      SocketDirectory.removed(base);
    }
  }
}
