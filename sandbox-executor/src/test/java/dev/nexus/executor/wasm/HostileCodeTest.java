package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.executor.PublishedTable;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Language;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every abuse in every language costs its own call, and nothing else. What came of each is the
/// table of `docs/sandbox-security.md`.
class HostileCodeTest {
  private static final CodeLimits BRIEF = new CodeLimits(Duration.ofSeconds(1), 64 << 20, 10_000);
  private static final CodeLimits PATIENT =
      new CodeLimits(Duration.ofSeconds(60), 64 << 20, 10_000);
  private static final Json INPUT = new Json("{\"a\":1}");
  private static final Result CLEAN = new Result(new Json("[{\"a\":1},3,[1,2,3],false]"));

  private static String probe(Language language) {
    return switch (language) {
      case JAVASCRIPT ->
          """
          function handle(i) {
            return [i, 'abc'.length, [3, 1, 2].sort().map((x) => x), {}.evil !== undefined];
          }
          """;
      case PYTHON ->
          """
          import json
          def handle(i):
              return [i, len('abc'), sorted([3, 1, 2]), hasattr(json, 'evil')]
          """;
    };
  }

  private static CodeOutcome run(Language language, String source, CodeLimits limits)
      throws InterruptedException {
    return Runs.CODE.run(Runs.script(language, source), INPUT, limits);
  }

  /// Run with -Dnexus.docs=write to have the table written anew.
  @Test
  void shouldCostItsOwnCallOnly() throws Exception {
    // Given a neighbour in each language
    for (Language language : Language.values()) {
      assertThat(run(language, probe(language), PATIENT)).isEqualTo(CLEAN);
    }
    AtomicBoolean going = new AtomicBoolean(true);
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      List<Future<List<Long>>> neighbours = new ArrayList<>();
      for (Language language : Language.values()) {
        neighbours.add(threads.submit(neighbour(language, going)));
      }
      var table = new PublishedTable("| what code tries | JavaScript | Python |");
      try {
        for (Abuse abuse : Abuse.values()) {
          table.begin(abuse.words());
          for (Language language : Language.values()) {
            // When
            CodeOutcome outcome = tried(abuse, language);

            // Then
            assertThat(outcome.toString()).as(abuse.words()).doesNotContain("HARM");
            table.add(outcome, abuse.ends());
            assertThat(run(language, probe(language), PATIENT)).as(abuse.words()).isEqualTo(CLEAN);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
          }
          table.end();
        }
      } finally {
        going.set(false);
      }
      for (Future<List<Long>> neighbour : neighbours) {
        List<Long> micros = neighbour.get();
        Collections.sort(micros);
        System.out.printf(
            "neighbour: %d calls, p99 %.1f ms%n",
            micros.size(), micros.get(micros.size() * 99 / 100) / 1000.0);
      }
      table.compare();
    }
  }

  /// The second time, where the first one has to leave something.
  private static CodeOutcome tried(Abuse abuse, Language language) throws InterruptedException {
    CodeLimits limits = abuse.isEndless() ? BRIEF : PATIENT;
    if (abuse == Abuse.OTHER_CALLS) {
      run(language, abuse.source(language), limits);
    }
    return run(language, abuse.source(language), limits);
  }

  /// Or nobody would know that nothing is left.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldFindWhatWasLeftInTheSameCall(Language language) throws Exception {
    CodeOutcome found =
        Runs.CODE.run(
            Runs.script(language, LeftBehind.source(language)), LeftBehind.TWICE, PATIENT);

    assertThat(found).isEqualTo(new Result(CanonicalJson.toJson(LeftBehind.ways(language))));
  }

  /// Calls again and again; how long each call took, in microseconds.
  private static Callable<List<Long>> neighbour(Language language, AtomicBoolean going) {
    return () -> {
      List<Long> micros = new ArrayList<>();
      while (going.get()) {
        long begin = System.nanoTime();
        assertThat(run(language, probe(language), PATIENT)).isEqualTo(CLEAN);
        micros.add((System.nanoTime() - begin) / 1_000);
      }
      return micros;
    };
  }
}
