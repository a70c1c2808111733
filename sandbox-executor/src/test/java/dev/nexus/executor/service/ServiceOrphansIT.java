package dev.nexus.executor.service;

import static dev.nexus.executor.service.ServiceRig.key;
import static dev.nexus.executor.service.ServiceRig.service;
import static dev.nexus.executor.service.ServiceRig.shell;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.executor.container.Engine;
import dev.nexus.executor.container.SocketDirectory;
import dev.nexus.executor.service.ServiceStatus.State;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Services of executors that have died, and those that are too many.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ServiceOrphansIT {
  private static final String FOREVER = "while true; do sleep 1; done";

  private Path base;
  private String installation;
  private ServiceRig rig;

  @BeforeAll
  static void images() throws Exception {
    ServiceRig.images();
  }

  @BeforeEach
  void open() throws IOException {
    base = Files.createTempDirectory(Path.of("/tmp"), "nxs");
    installation = UUID.randomUUID().toString();
    rig = new ServiceRig(base, installation);
  }

  @AfterEach
  void close() {
    rig.close();
    SocketDirectory.removed(base);
  }

  private void awaitHealthy(String service) {
    Eventually.holds(() -> assertThat(rig.status(service).state()).isEqualTo(State.HEALTHY));
  }

  @Test
  void shouldTakeOverFromAnExecutorThatDied() {
    // Given a container of an executor that there is none of, under the name of the service's
    ServiceDefinition agent = shell("agent", FOREVER);
    rig.define(agent);
    awaitHealthy("agent");
    rig.disown("agent");
    Eventually.holds(() -> assertThat(rig.found("agent")).isEmpty());
    rig.close();
    rig = new ServiceRig(base, installation);
    rig.define(shell("helper", FOREVER));
    awaitHealthy("helper");
    leaveBehind("agent");

    // When
    rig.define(shell("helper", FOREVER), agent);

    // Then
    awaitHealthy("agent");
    assertThat(rig.heard().endedOf("agent"))
        .singleElement()
        .satisfies(
            ended -> {
              assertThat(ended.reason()).isEqualTo(EndReason.ORPHANED);
              assertThat(ended.container().instance()).isEqualTo("00000000000000ab");
              assertThat(ended.detail()).contains("00000000000000aa");
            });
    assertThat(rig.found("agent"))
        .singleElement()
        .satisfies(
            one ->
                assertThat(one.labels())
                    .doesNotContainEntry(Engine.LABEL_EXECUTOR, "00000000000000aa"));
  }

  /// Neither of them runs that service, nor does its application name it any more.
  @Test
  void shouldTellOfAnOrphanOnceThoughTwoExecutorsFindIt() {
    // Given
    try (ServiceRig other = new ServiceRig(base, installation)) {
      rig.define(shell("one", FOREVER));
      other.define(shell("two", FOREVER));
      awaitHealthy("one");
      Eventually.holds(() -> assertThat(other.status("two").state()).isEqualTo(State.HEALTHY));

      // When
      leaveBehind("agent");

      // Then
      Eventually.holds(() -> assertThat(rig.found("agent")).isEmpty());
      List<HeardServices.Ended> told = new java.util.ArrayList<>(rig.heard().endedOf("agent"));
      told.addAll(other.heard().endedOf("agent"));
      assertThat(told).extracting(HeardServices.Ended::reason).containsExactly(EndReason.ORPHANED);
    }
  }

  @Test
  void shouldKeepAnOrphanUntilTheLogHasThatItIsOne() {
    // Given
    rig.define(shell("helper", FOREVER));
    awaitHealthy("helper");
    rig.heard().refuses = 2;

    // When
    leaveBehind("agent");

    // Then
    Eventually.holds(() -> assertThat(rig.found("agent")).isEmpty());
    assertThat(rig.heard().refuses).isZero();
    assertThat(rig.heard().endedOf("agent")).hasSize(1);
  }

  @Test
  void shouldRefuseWhatIsTooMuchAndGoOnWithTheOthers() {
    // Given
    rig.close();
    var all = new ServiceCaps.Cap(2, 1000);
    rig = new ServiceRig(base, installation, new ServiceCaps(all, new ServiceCaps.Cap(9, 150)));
    rig.define(shell("m", FOREVER), shell("n", FOREVER));
    awaitHealthy("m");
    awaitHealthy("n");

    // When another comes that is before them by its name
    rig.define(shell("a", FOREVER), shell("m", FOREVER), shell("n", FOREVER));

    // Then
    Eventually.holds(() -> assertThat(rig.heard().endedOf("a")).isNotEmpty());
    assertThat(rig.status("a").why()).contains("2 (NEXUS_SERVICES)");
    assertThat(rig.status("a").state()).isEqualTo(State.WAITING);
    assertThat(rig.heard().endedOf("a"))
        .singleElement()
        .satisfies(
            told -> {
              assertThat(told.reason()).isEqualTo(EndReason.REFUSED);
              assertThat(told.detail()).contains("NEXUS_SERVICES");
            });
    assertThat(rig.heard().endedOf("m")).isEmpty();

    // When one of them goes
    rig.define(shell("a", FOREVER), shell("m", FOREVER));

    // Then
    awaitHealthy("a");
    assertThat(rig.heard().endedOf("a")).hasSize(1);
  }

  /// As a killed executor leaves it.
  private void leaveBehind(String service) {
    try {
      ServiceRig.run(
          "docker",
          "run",
          "--detach",
          "--network",
          "none",
          "--name",
          "nexus-service-" + dev.nexus.event.NameIds.uuid5(installation, key(service).text()),
          "--label",
          Engine.LABEL_BASE + "=" + rig.id(),
          "--label",
          Engine.LABEL_EXECUTOR + "=00000000000000aa",
          "--label",
          Engine.LABEL_INSTANCE + "=00000000000000ab",
          "--label",
          Engine.LABEL_SERVICE + "=" + key(service).text(),
          ServiceRig.IMAGE,
          "sleep",
          "1000");
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
