package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.executor.Neighbour;
import dev.nexus.executor.PublishedTable;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.wasm.Abuse;
import dev.nexus.executor.wasm.LeftBehind;
import dev.nexus.testkit.NeedsTool;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every abuse in a container of each language costs its own call, and at most its own container.
/// What came of each is the second table of `docs/sandbox-security.md`.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class HostileContainersIT {
  private static final CodeLimits BRIEF = new CodeLimits(Duration.ofSeconds(1), 64 << 20, 10_000);
  private static final CodeLimits PATIENT =
      new CodeLimits(Duration.ofSeconds(30), 64 << 20, 10_000);
  private static final Result CLEAN = new Result(new Json("[{\"a\":1},3,[1,2,3],false,0]"));

  /// What waits for ever where there is something to wait for.
  private static final Set<Abuse> WAITS = Set.of(Abuse.SLEEP, Abuse.DESCRIPTORS);

  private static final String NEIGHBOUR = "neighbour";

  private static Rig rig;

  @BeforeAll
  static void open() throws Exception {
    rig = Rig.open(6);
  }

  @AfterAll
  static void close() {
    rig.close();
  }

  private static String probe(Language language) {
    return switch (language) {
      case JAVASCRIPT ->
          """
          function handle(i) {
            return [i, 'abc'.length, [3, 1, 2].sort().map((x) => x), {}.evil !== undefined,
                    require('fs').readdirSync('/tmp').length];
          }
          """;
      case PYTHON ->
          """
          import json, os
          def handle(i):
              return [i, len('abc'), sorted([3, 1, 2]), hasattr(json, 'evil'),
                      len(os.listdir('/tmp'))]
          """;
    };
  }

  private static CodeOutcome run(String pool, Language language, String source, CodeLimits limits)
      throws InterruptedException {
    Home.Pool home = Rig.pool(pool + "-" + language.text(), 1);
    return rig.run(home, language, source, "{\"a\":1}", limits);
  }

  @Test
  void shouldCostItsOwnCallOnly() throws Exception {
    var table =
        new PublishedTable("| what code tries | Node in a container | Python in a container |");
    List<String> wrong = new ArrayList<>();
    try (var neighbour = neighbour()) {
      for (Abuse abuse : Abuse.values()) {
        CodeLimits limits = abuse.isEndless() || WAITS.contains(abuse) ? BRIEF : PATIENT;
        table.begin(abuse.words());
        for (Language language : Language.values()) {
          if (abuse == Abuse.OTHER_CALLS) {
            run("hostile", language, abuse.source(language), limits); // which leaves something
          }
          String words = language + ", " + abuse.words();
          String source = abuse.source(language);
          CodeOutcome outcome =
              neighbour.during(words, () -> tried(words, language, source, limits, wrong));
          table.add(outcome, abuse.ends());
        }
        table.end();
      }
      for (ContainerAbuse abuse : ContainerAbuse.values()) {
        CodeLimits limits = abuse.isEndless() ? BRIEF : PATIENT;
        table.begin(abuse.words());
        for (Language language : Language.values()) {
          String words = language + ", " + abuse.words();
          String source = abuse.source(language);
          table.add(
              neighbour.during(words, () -> tried(words, language, source, limits, wrong)),
              abuse.ends());
        }
        table.end();
      }
    }
    assertThat(wrong).isEmpty();
    table.compare();
  }

  /// Or nobody would know that nothing is left.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldFindWhatWasLeftInTheSameCall(Language language) throws Exception {
    CodeOutcome found =
        rig.run(
            Rig.pool("left-" + language.text(), 1),
            language,
            LeftBehind.source(language),
            LeftBehind.TWICE.text(),
            PATIENT);

    assertThat(found)
        .isEqualTo(new Result(CanonicalJson.toJson(LeftBehind.waysInContainers(language))));
  }

  /// Or nobody would know that the neighbour went on.
  @Test
  void shouldFindANeighbourThatStandsStill() throws Exception {
    Neighbour neighbour = neighbour();
    String container =
        rig.found().stream()
            .filter(one -> one.labels().getOrDefault(Engine.LABEL_POOL, "").contains(NEIGHBOUR))
            .findFirst()
            .orElseThrow()
            .container();

    neighbour.during(
        "holding its container",
        () -> {
          docker("pause", container);
          try {
            Thread.sleep(neighbour.late().plusMillis(200));
          } finally {
            docker("unpause", container);
          }
          return container;
        });

    assertThatThrownBy(neighbour::close)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("holding its container");
  }

  private static void docker(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("docker", "--host", Rig.HOST));
    command.addAll(List.of(arguments));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private static CodeOutcome tried(
      String words, Language language, String source, CodeLimits limits, List<String> wrong)
      throws InterruptedException {
    long begun = System.nanoTime();
    CodeOutcome outcome = run("hostile", language, source, limits);
    long took = (System.nanoTime() - begun) / 1_000_000;
    CodeOutcome after = run("hostile", language, probe(language), PATIENT);
    System.out.printf("%s: %d ms, %s%n", words, took, shown(outcome));
    if (!after.equals(CLEAN)) {
      wrong.add("behind " + words + ": " + after);
    }
    if (outcome instanceof Result(var output, _) && output.text().contains("HARM")) {
      wrong.add(words + ": " + output.text());
    }
    return outcome;
  }

  private static String shown(CodeOutcome outcome) {
    String text =
        switch (outcome) {
          case Failure(var failure, var detail, _) -> failure + " " + detail;
          case CodeOutcome other -> other.toString();
        };
    return text.substring(0, Math.min(300, text.length())).replace('\n', ' ');
  }

  /// Is called in a container of its own.
  private static Neighbour neighbour() throws Exception {
    return Neighbour.of(
        "the other container",
        () ->
            assertThat(run(NEIGHBOUR, Language.PYTHON, probe(Language.PYTHON), PATIENT))
                .isEqualTo(CLEAN));
  }
}
