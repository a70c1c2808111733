package dev.nexus.executor.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.definition.ServiceDefinition.Reach;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.Neighbour;
import dev.nexus.executor.PublishedTable;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.container.ContainerAbuse;
import dev.nexus.executor.container.SocketDirectory;
import dev.nexus.executor.http.Header;
import dev.nexus.executor.http.Request;
import dev.nexus.executor.service.ServiceStatus.State;
import dev.nexus.executor.wasm.Abuse;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What a program in a service's container tries comes to nothing but its own: the service itself,
/// and a neighbour, go on. What came of each is a table of `docs/sandbox-security.md`. The program
/// is begun by `hostile.py`, which is the service, and says how it ended.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class HostileServicesIT {
  private static final double BRIEF = 0.4;
  private static final double PATIENT = 20;

  private static final Map<String, String> WORDS =
      Map.of(
          "result", "its own result only",
          "refused", "refused",
          "absent", "not there",
          "full", "ends at its limit",
          "memory", "ended for its memory",
          "error", "an error of its own",
          "late", "goes on within its limits");

  @Test
  void shouldCostNobodyElseAnything() throws Exception {
    ServiceRig.images();
    Path base = Files.createTempDirectory(Path.of("/tmp"), "nxs");
    var rig = new ServiceRig(base, UUID.randomUUID().toString());
    try {
      // Given
      rig.define(hostile(), neighbour());
      for (String service : List.of("hostile", "neighbour")) {
        Eventually.holds(() -> assertThat(rig.status(service).state()).isEqualTo(State.HEALTHY));
      }

      // When
      var tries = new Tries(rig);
      try (var neighbour = Neighbour.of("the other service", () -> askNeighbour(rig))) {
        tries.all(base, neighbour);
      }

      // Then
      assertThat(tries.wrong).isEmpty();
      assertThat(rig.heard().ended).isEmpty();
      assertThat(rig.heard().dropped).as("lines beyond what a service may print").isNotEmpty();
      assertThat(rig.heard().lines).allSatisfy(line -> assertThat(line).hasSizeLessThan(20_000));
      tries.table.compare();
    } finally {
      rig.close();
      ServiceRig.run("docker", "volume", "rm", rig.volume("hostile"), rig.volume("neighbour"));
      SocketDirectory.removed(base);
    }
  }

  private static ServiceDefinition hostile() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(HostileServicesIT.class.getResourceAsStream("hostile.py"))) {
      String program = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return service("hostile", program, 8000);
    }
  }

  private static ServiceDefinition neighbour() {
    return service("neighbour", ServiceRig.SERVER.replace("8000", "8001"), 8001);
  }

  private static ServiceDefinition service(String name, String program, int port) {
    return new ServiceDefinition(
        name,
        ServiceRig.IMAGE,
        "",
        List.of("python3", "-c", program),
        Map.of(),
        0.75,
        256L << 20,
        "/data",
        new Reach(port, "", false),
        Duration.ofSeconds(60));
  }

  private static String ask(ServiceRig rig, String service, String body) throws Exception {
    var request =
        new Request(
            "POST",
            "/",
            List.of(new Header("Host", "shop")),
            body.getBytes(StandardCharsets.UTF_8));
    var answer = rig.ask(service, request);
    assertThat(answer.status()).isEqualTo(200);
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static void askNeighbour(ServiceRig rig) throws Exception {
    String body = "hello " + System.nanoTime();
    assertThat(CanonicalJson.read(ask(rig, "neighbour", body)).path("body").asText())
        .isEqualTo(body);
  }

  /// Rows of the table, and what is wrong with them.
  private static final class Tries {
    private final ServiceRig rig;
    private final PublishedTable table =
        new PublishedTable("| what a program of a service tries | what came of it |");
    private final List<String> wrong = new ArrayList<>();

    Tries(ServiceRig rig) {
      this.rig = rig;
    }

    void all(Path base, Neighbour neighbour) throws Exception {
      for (Abuse abuse : Abuse.values()) {
        boolean waits = abuse.isEndless() || abuse == Abuse.SLEEP;
        row(
            neighbour,
            abuse.words(),
            abuse.source(Language.PYTHON),
            waits ? BRIEF : PATIENT,
            ServiceAbuse.without(abuse),
            ends(abuse.ends()));
      }
      for (ContainerAbuse abuse : ContainerAbuse.values()) {
        row(
            neighbour,
            abuse.words(),
            abuse.source(Language.PYTHON),
            abuse.isEndless() || abuse == ContainerAbuse.THREAD_BOMB ? BRIEF : PATIENT,
            without(abuse),
            Set.of());
      }
      for (ServiceAbuse abuse : ServiceAbuse.values()) {
        boolean waits = abuse == ServiceAbuse.FLOOD || abuse == ServiceAbuse.ONE_LONG_LINE;
        row(
            neighbour,
            abuse.words(),
            abuse.source(base.toString()),
            waits ? BRIEF : PATIENT,
            Optional.empty(),
            Set.of());
      }
    }

    /// What goes on in a service where a call fails by its limit of time.
    private static Set<String> ends(Set<FailureClass> ofCalls) {
      if (ofCalls.contains(FailureClass.TIMEOUT)) {
        return Set.of("goes on within its limits");
      }
      return ofCalls.contains(FailureClass.MEMORY) ? Set.of("ended for its memory") : Set.of();
    }

    private void row(
        Neighbour neighbour,
        String words,
        String source,
        double seconds,
        Optional<String> without,
        Set<String> only)
        throws Exception {
      table.begin(words);
      if (without.isPresent()) {
        table.add(without.get());
      } else {
        table.addOneOf(neighbour.during(words, () -> tried(words, source, seconds)), only);
      }
      table.end();
    }

    private String tried(String words, String source, double seconds) throws Exception {
      var asked =
          JsonNodeFactory.instance.objectNode().put("source", source).put("seconds", seconds);
      long begun = System.nanoTime();
      JsonNode told = CanonicalJson.read(ask(rig, "hostile", asked.toString()));
      System.out.printf("%s: %d ms, %s%n", words, (System.nanoTime() - begun) / 1_000_000, told);
      if (told.toString().contains("HARM")) {
        wrong.add(words + ": " + told);
      }
      if (told.path("left").asInt(-1) != 0) {
        wrong.add("behind " + words + ": " + told);
      }
      return Objects.requireNonNull(WORDS.get(told.path("how").asText()), told::toString);
    }
  }

  /// Why an abuse of a call's container is none of a service's, where it is none.
  private static Optional<String> without(ContainerAbuse abuse) {
    return switch (abuse) {
      case FORGE_BY_DESCRIPTORS, FORGE_BY_ITS_OWN ->
          Optional.of("does not apply: a service answers by nothing but its port");
      case READ_THE_RUNNER ->
          Optional.of("does not apply: nothing of the platform is in its container");
      default -> Optional.empty();
    };
  }
}
