package dev.nexus.bench;

import java.util.function.Consumer;

/// Facts that are on the log already until all of them are in Redis.
final class IngestBenchmark implements Benchmark {
  static final int FACTS = 400_000;

  private final int facts;

  IngestBenchmark(int facts) {
    this.facts = facts;
  }

  @Override
  public String name() {
    return "ingest";
  }

  @Override
  public String describe() {
    return facts + " facts of executions from the log into Redis, the read side alone";
  }

  @Override
  public Findings run(Effort effort, Consumer<String> tell) throws Exception {
    try (ReadSide side = new ReadSide()) {
      side.preload("ingest", facts);
      return ReadSideRuns.measure(side, run -> once(side, run), effort, tell);
    }
  }

  private static double once(ReadSide side, String instance) {
    side.wipe();
    long facts = side.length();
    long from = System.nanoTime();
    try (BareProjector running = side.start(instance)) {
      running.awaitFolded();
      return ReadSide.perSecond(facts, from);
    }
  }
}
