package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.executor.PublishedTable;
import dev.nexus.executor.Stretches;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.wasm.Abuse;
import dev.nexus.executor.wasm.LeftBehind;
import dev.nexus.testkit.NeedsTool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
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
    AtomicBoolean going = new AtomicBoolean(true);
    long alone = Stretches.p99(calls(Stretches.ENOUGH));
    var table =
        new PublishedTable("| what code tries | Node in a container | Python in a container |");
    List<String> wrong = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<Long>> neighbour = threads.submit(neighbour(going));
      try {
        for (Abuse abuse : Abuse.values()) {
          CodeLimits limits = abuse.isEndless() || WAITS.contains(abuse) ? BRIEF : PATIENT;
          table.begin(abuse.words());
          for (Language language : Language.values()) {
            if (abuse == Abuse.OTHER_CALLS) {
              run("hostile", language, abuse.source(language), limits); // which leaves something
            }
            table.add(
                tried(abuse.words(), language, abuse.source(language), limits, wrong),
                abuse.ends());
          }
          table.end();
        }
        for (ContainerAbuse abuse : ContainerAbuse.values()) {
          CodeLimits limits = abuse.isEndless() ? BRIEF : PATIENT;
          table.begin(abuse.words());
          for (Language language : Language.values()) {
            table.add(
                tried(abuse.words(), language, abuse.source(language), limits, wrong),
                abuse.ends());
          }
          table.end();
        }
      } finally {
        going.set(false);
      }
      long beside = Stretches.p99(neighbour.get());
      System.out.printf("neighbour: p99 %.1f ms, alone %.1f ms%n", beside / 1e3, alone / 1e3);
      assertThat(beside).isLessThan(alone * Stretches.MOST_TIMES);
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

  private static CodeOutcome tried(
      String words, Language language, String source, CodeLimits limits, List<String> wrong)
      throws InterruptedException {
    long begun = System.nanoTime();
    CodeOutcome outcome = run("hostile", language, source, limits);
    long took = (System.nanoTime() - begun) / 1_000_000;
    CodeOutcome after = run("hostile", language, probe(language), PATIENT);
    System.out.printf("%s, %s: %d ms, %s%n", language, words, took, shown(outcome));
    if (!after.equals(CLEAN)) {
      wrong.add(language + ", behind " + words + ": " + after);
    }
    if (outcome instanceof Result(var output, _) && output.text().contains("HARM")) {
      wrong.add(language + ", " + words + ": " + output.text());
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

  /// Calls again and again in a container of its own; how long each call took, in microseconds.
  private static Callable<List<Long>> neighbour(AtomicBoolean going) {
    return () -> {
      List<Long> micros = new ArrayList<>();
      while (going.get()) {
        micros.addAll(calls(1));
      }
      return micros;
    };
  }

  private static List<Long> calls(int count) throws InterruptedException {
    List<Long> micros = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long begin = System.nanoTime();
      assertThat(run("neighbour", Language.PYTHON, probe(Language.PYTHON), PATIENT))
          .isEqualTo(CLEAN);
      micros.add((System.nanoTime() - begin) / 1_000);
      Thread.sleep(20);
    }
    return micros;
  }
}
