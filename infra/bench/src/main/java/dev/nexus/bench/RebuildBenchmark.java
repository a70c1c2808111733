package dev.nexus.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.projector.rebuild.Rebuilds;
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
      side.preload("rebuild", facts);
      try (BareProjector running = side.start("reader")) {
        running.awaitFolded();
        return ReadSideRuns.measure(side, _ -> once(running.rebuilds()), effort, tell);
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
