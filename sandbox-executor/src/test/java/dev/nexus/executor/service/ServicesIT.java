package dev.nexus.executor.service;

import static dev.nexus.executor.service.ServiceRig.key;
import static dev.nexus.executor.service.ServiceRig.of;
import static dev.nexus.executor.service.ServiceRig.server;
import static dev.nexus.executor.service.ServiceRig.service;
import static dev.nexus.executor.service.ServiceRig.shell;
import static dev.nexus.executor.service.ServiceRig.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.definition.ServiceDefinition.Reach;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.executor.container.Engine;
import dev.nexus.executor.container.SocketDirectory;
import dev.nexus.executor.service.ServiceStatus.State;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import dev.nexus.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Services in real containers.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ServicesIT {
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
  void shouldRunAServiceUnderAllLimitsAndCarryWhatItPrints() {
    // When
    rig.define(
        shell(
            "agent",
            "id -u; cat /proc/self/status | grep -E 'CapEff|NoNewPrivs|Seccomp:'; ls /sys/class/net;"
                + " touch /x || echo sealed; echo broken >&2; "
                + FOREVER));

    // Then
    awaitHealthy("agent");
    Eventually.holds(
        () ->
            assertThat(rig.heard().lines)
                .contains("O CapEff:\t0000000000000000", "O NoNewPrivs:\t1", "O Seccomp:\t2")
                .contains("O lo", "O sealed", "E broken")
                .doesNotContain("O eth0", "O 0"));
    assertThat(rig.heard().startedOf("agent")).hasSize(1);
    assertThat(rig.heard().healthyOf("agent")).hasSize(1);
    assertThat(rig.found("agent")).hasSize(1);
  }

  @Test
  void shouldBeginAServiceAgainThatEndsAndWaitLongerEachTime() {
    rig.define(shell("agent", "echo last words; exit 3"));
    Eventually.holds(() -> assertThat(rig.heard().endedOf("agent")).hasSizeGreaterThanOrEqualTo(3));
    var ended = rig.heard().endedOf("agent");
    assertThat(ended.getFirst().reason()).isEqualTo(EndReason.CRASHED);
    assertThat(ended.getFirst().exitCode()).isEqualTo(3);
    assertThat(ended.getFirst().detail()).contains("exit code 3", "last words");
    assertThat(ended.subList(0, 3))
        .extracting(HeardServices.Ended::pause)
        .containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));
    assertThat(rig.status("agent").restarts()).isGreaterThanOrEqualTo(3);
    assertThat(rig.status("agent").lastEnd()).startsWith("CRASHED");
  }

  @Test
  void shouldBeginAServiceAgainThatSomebodyKills() throws Exception {
    // Given
    rig.define(shell("agent", FOREVER));
    awaitHealthy("agent");
    String first = rig.found("agent").getFirst().container();

    // When
    ServiceRig.run("docker", "kill", first);

    // Then
    Eventually.holds(
        () -> {
          assertThat(rig.heard().endedOf("agent"))
              .extracting(HeardServices.Ended::reason)
              .containsExactly(EndReason.CRASHED);
          assertThat(rig.heard().healthyOf("agent")).hasSize(2);
        });
    assertThat(rig.found("agent"))
        .singleElement()
        .extracting(Engine.Found::container)
        .isNotEqualTo(first);
  }

  @Test
  void shouldTellAServiceThatWantsTooMuchMemory() {
    rig.define(service("hungry", "python3", "-c", "x = bytearray(1 << 30)"));
    Eventually.holds(
        () ->
            assertThat(rig.heard().endedOf("hungry"))
                .isNotEmpty()
                .first()
                .extracting(HeardServices.Ended::reason)
                .isEqualTo(EndReason.OUT_OF_MEMORY));
  }

  @Test
  void shouldRunTheFallbackImageWhereTheImageCannotBeStarted() {
    // Given
    ServiceDefinition agent = shell("agent", FOREVER);

    // When
    rig.define(of(agent, "nexus-test/missing:1", ServiceRig.IMAGE));

    // Then
    awaitHealthy("agent");
    assertThat(rig.status("agent").fallback()).isTrue();
    assertThat(rig.status("agent").image()).isEqualTo(ServiceRig.IMAGE);
    assertThat(rig.heard().endedOf("agent"))
        .hasSize(3)
        .allSatisfy(
            ended -> {
              assertThat(ended.reason()).isEqualTo(EndReason.FAILED_TO_START);
              assertThat(ended.detail()).contains("nexus-test/missing:1", "not on this machine");
            });
    assertThat(rig.heard().startedOf("agent").getLast().fallback()).isTrue();

    // When the definition changes, its image is tried first
    rig.define(agent);

    // Then
    Eventually.holds(() -> assertThat(rig.status("agent").fallback()).isFalse());
    awaitHealthy("agent");
    assertThat(rig.heard().endedOf("agent").getLast().reason()).isEqualTo(EndReason.REPLACED);
  }

  @Test
  void shouldSayThatAProgramCannotBeStarted() {
    rig.define(service("agent", "/no/such/program"));
    Eventually.holds(
        () ->
            assertThat(rig.heard().endedOf("agent"))
                .isNotEmpty()
                .first()
                .extracting(HeardServices.Ended::detail)
                .asString()
                .contains("/no/such/program"));
    assertThat(rig.heard().startedOf("agent")).isEmpty();
  }

  @Test
  void shouldKeepWhatIsInTheVolume() throws Exception {
    // Given
    ServiceDefinition agent =
        with(
            shell("agent", "echo more >> /data/notes; wc -l < /data/notes; " + FOREVER),
            "/data",
            Reach.NONE,
            Duration.ofSeconds(60));
    try {
      rig.define(agent);
      Eventually.holds(() -> assertThat(rig.heard().lines).contains("O 1"));

      // When it is killed, and then another executor takes it
      ServiceRig.run("docker", "kill", rig.found("agent").getFirst().container());
      Eventually.holds(() -> assertThat(rig.heard().lines).contains("O 2"));
      rig.close();
      rig = new ServiceRig(base, installation);
      rig.define(agent);

      // Then
      Eventually.holds(() -> assertThat(rig.heard().lines).contains("O 3"));
      rig.define();
      Eventually.holds(() -> assertThat(rig.found()).isEmpty());
      assertThat(
              ServiceRig.run("docker", "volume", "ls", "-q", "-f", "label=" + Engine.LABEL_SERVICE))
          .contains(rig.volume("agent"));
    } finally {
      rig.close();
      ServiceRig.run("docker", "volume", "rm", rig.volume("agent"));
    }
  }

  @Test
  void shouldLeaveNothingOfAServiceThatIsRemovedOrMovedOrWhoseExecutorEnds() throws Exception {
    // Given
    rig.define(server("web", "/health"), shell("agent", FOREVER), shell("other", FOREVER));
    List.of("web", "agent", "other").forEach(this::awaitHealthy);

    // When, Then
    rig.define(shell("agent", FOREVER), shell("other", FOREVER));
    Eventually.holds(
        () -> {
          assertThat(rig.found("web")).isEmpty();
          assertThat(rig.heard().endedOf("web"))
              .extracting(HeardServices.Ended::reason)
              .containsExactly(EndReason.REMOVED);
        });
    rig.disown("agent");
    Eventually.holds(
        () -> {
          assertThat(rig.found("agent")).isEmpty();
          assertThat(rig.heard().endedOf("agent"))
              .extracting(HeardServices.Ended::reason)
              .containsExactly(EndReason.MOVED);
          assertThat(rig.status("agent").state()).isEqualTo(State.ELSEWHERE);
        });
    String label = "label=" + Engine.LABEL_SERVICE + "=" + key("other").text();
    String id = rig.found("other").getFirst().container();
    rig.close();
    assertThat(rig.heard().endedOf("other").getLast().reason()).isEqualTo(EndReason.SHUTDOWN);
    assertThat(ServiceRig.run("docker", "ps", "-aq", "--no-trunc", "-f", label)).doesNotContain(id);
    try (var left = Files.list(base)) {
      assertThat(left.filter(Files::isDirectory)).isEmpty();
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
  }

  /// A hundred in a soak; what they take is printed.
  @Test
  void shouldRunManySmallServicesAtOnceAndKeepNoThreadOfThem() throws Exception {
    // Given
    int count = Seeds.SOAK ? 100 : 20;
    rig.define(small("first"));
    awaitHealthy("first");
    int threads = threads().size();
    long free = availableMib();
    long begun = System.nanoTime();

    // When
    rig.define(
        IntStream.range(0, count).mapToObj(i -> small("s" + i)).toArray(ServiceDefinition[]::new));

    // Then
    Eventually.holds(
        () ->
            assertThat(rig.services().of(key("").tenant(), ServiceRig.APP))
                .extracting(ServiceStatus::state)
                .containsOnly(State.HEALTHY));
    System.out.printf(
        "%d services healthy after %.1f s; containers use %s, the machine has %d MiB less,"
            + " the executor %d threads more%n",
        count,
        (System.nanoTime() - begun) / 1e9,
        memory(),
        free - availableMib(),
        threads().size() - threads);
    assertThat(rig.heard().ended)
        .extracting(HeardServices.Ended::reason)
        .containsOnly(EndReason.REMOVED);
    long ends = System.nanoTime();
    rig.define();
    Eventually.holds(() -> assertThat(rig.found()).isEmpty());
    System.out.printf("%d services ended after %.1f s%n", count, (System.nanoTime() - ends) / 1e9);
    Eventually.holds(() -> assertThat(threads()).hasSizeLessThanOrEqualTo(threads));
  }

  /// Memory that programs could have, of the machine.
  private static long availableMib() throws IOException {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith("MemAvailable"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
        .sum();
  }

  private static ServiceDefinition small(String name) {
    ServiceDefinition one = shell(name, "trap exit TERM; while true; do sleep 1 & wait $!; done");
    return new ServiceDefinition(
        name,
        one.image(),
        "",
        one.command(),
        one.environment(),
        0.5,
        16L << 20,
        "",
        Reach.NONE,
        Duration.ofMinutes(5));
  }

  private String memory() throws Exception {
    List<String> command = new java.util.ArrayList<>(List.of("docker", "stats", "--no-stream"));
    command.addAll(List.of("--format", "{{.MemUsage}}"));
    rig.found().forEach(one -> command.add(one.container()));
    double mib =
        Arrays.stream(ServiceRig.run(command.toArray(String[]::new)).split("\n"))
            .map(line -> line.split("/")[0].strip())
            .mapToDouble(
                used ->
                    used.endsWith("KiB")
                        ? Double.parseDouble(used.replace("KiB", "")) / 1024
                        : Double.parseDouble(used.replace("MiB", "")))
            .sum();
    return "%.0f MiB".formatted(mib);
  }
}
