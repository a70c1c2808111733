package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.executor.PublishedTable;
import dev.nexus.executor.Stretches;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Language;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every abuse in every language costs its own call, and nothing else. What came of each is the
/// table of `docs/sandbox-security.md`.
class HostileCodeTest {
  private static final CodeLimits BRIEF = new CodeLimits(Duration.ofSeconds(1), 64 << 20, 10_000);
  private static final CodeLimits PATIENT =
      new CodeLimits(Duration.ofSeconds(60), 64 << 20, 10_000);

  /// What a busy processor may give to somebody else, which is more than a call takes;
  /// microseconds.
  private static final long TURN = 2_000;

  /// Half of what a call takes that has to be ended.
  private static final long STALLED = BRIEF.time().toNanos() / 2_000;

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
    // Given a neighbour in each language, and what its calls take beside the other ones only
    for (Language language : Language.values()) {
      assertThat(run(language, probe(language), PATIENT)).isEqualTo(CLEAN);
    }
    AtomicBoolean going = new AtomicBoolean(true);
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      Map<Language, Long> alone = new EnumMap<>(Language.class);
      for (var neighbour : neighbours(threads, done -> done < 10 * Stretches.ENOUGH).entrySet()) {
        alone.put(neighbour.getKey(), Stretches.p99(neighbour.getValue().get()));
      }
      var neighbours = neighbours(threads, _ -> going.get());
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
      for (var neighbour : neighbours.entrySet()) {
        judge(neighbour.getKey(), alone.getOrDefault(neighbour.getKey(), 0L), neighbour.getValue());
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

  private static Map<Language, Future<List<Long>>> neighbours(
      ExecutorService threads, IntPredicate goesOn) {
    Map<Language, Future<List<Long>>> begun = new EnumMap<>(Language.class);
    for (Language language : Language.values()) {
      begun.put(language, threads.submit(neighbour(language, goesOn)));
    }
    return begun;
  }

  /// A neighbour may wait for its processor, and not for the end of what is hostile: neither in
  /// most of its time, which a percentile tells, nor now and then, which one does not.
  private static void judge(Language language, long alone, Future<List<Long>> neighbour)
      throws Exception {
    List<Long> micros = neighbour.get();
    long beside = Stretches.p99(micros);
    long all = micros.stream().mapToLong(Long::longValue).sum();
    long stalled = micros.stream().mapToLong(Long::longValue).filter(one -> one > STALLED).sum();
    System.out.printf(
        "neighbour in %s: %d calls, p99 %.1f ms, alone %.1f ms, stalled for %d of %d ms%n",
        language.text(), micros.size(), beside / 1e3, alone / 1e3, stalled / 1_000, all / 1_000);
    assertThat(beside).as(language.text()).isLessThan(Math.max(alone, TURN) * Stretches.MOST_TIMES);
    assertThat(stalled).as(language.text()).isLessThan(all / 10);
  }

  /// Calls again and again; how long each call took, in microseconds.
  ///
  /// @param goesOn whether it does after so many calls
  private static Callable<List<Long>> neighbour(Language language, IntPredicate goesOn) {
    return () -> {
      List<Long> micros = new ArrayList<>();
      while (goesOn.test(micros.size())) {
        long begin = System.nanoTime();
        assertThat(run(language, probe(language), PATIENT)).isEqualTo(CLEAN);
        micros.add((System.nanoTime() - begin) / 1_000);
      }
      return micros;
    };
  }
}
