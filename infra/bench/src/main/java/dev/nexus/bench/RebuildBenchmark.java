package dev.nexus.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.projector.rebuild.Rebuilds;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// `./nexus rebuild executions`, from its beginning to the switch of the last partition, beside a
/// projector that has nothing to do. The floors are those of `ingest`.
final class RebuildBenchmark implements Benchmark {
  private final int facts;

  RebuildBenchmark(int facts) {
    this.facts = facts;
  }

  @Override
  public String name() {
    return "rebuild";
  }

  @Override
  public String describe() {
    return facts + " facts of executions into a new generation beside the one that is read";
  }

  @Override
  public Findings run(Effort effort, Consumer<String> tell) throws Exception {
    try (ReadSide side = new ReadSide()) {
      double producer = side.preload("rebuild", facts);
      try (BareProjector running = side.start("reader")) {
        running.awaitFolded();
        long warm = System.nanoTime() + effort.warmUp().toNanos();
        while (System.nanoTime() < warm) {
          tell.accept(String.format("warming up: %.0f facts/s", once(running.rebuilds())));
        }
        List<Double> own = new ArrayList<>();
        List<Double> consumer = new ArrayList<>();
        List<Double> pipeline = new ArrayList<>();
        List<Double> redis = new ArrayList<>();
        for (int run = 0; run < effort.runs(); run++) {
          long before = side.redisInput();
          double cpu = side.redisCpuMicros();
          own.add(once(running.rebuilds()));
          long bytes = side.redisInput() - before;
          redis.add((side.redisCpuMicros() - cpu) / side.length());
          consumer.add(side.bareConsumer());
          pipeline.add(side.barePipeline(side.length(), bytes));
          tell.accept(
              String.format(
                  "%.0f facts/s; bare consumer %.0f, bare pipeline %.0f",
                  own.getLast(), consumer.getLast(), pipeline.getLast()));
        }
        return IngestBenchmark.findings(
            new IngestBenchmark.Rates(
                ReadSide.median(own),
                producer,
                ReadSide.median(consumer),
                ReadSide.median(pipeline),
                ReadSide.median(redis)));
      }
    }
  }

  private static double once(Rebuilds rebuilds) throws InterruptedException {
    rebuilds.begin(Set.of());
    JsonNode status = rebuilds.status().json();
    while (List.of("running", "sweeping").contains(status.path("state").asText())) {
      TimeUnit.MILLISECONDS.sleep(50);
      status = rebuilds.status().json();
    }
    if (!status.path("state").asText().equals("done")) {
      throw new IllegalStateException("the rebuild did not end well: " + status);
    }
    return status.path("eventsPerSecond").asDouble();
  }
}
