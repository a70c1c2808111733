package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.standalone.run.ChildPlatform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Start to answer: HTTP answers and the router works when the run file appears. The floor is a JVM
/// that does nothing, started the same way.
final class StartupBenchmark implements Benchmark {
  @Override
  public String name() {
    return "startup";
  }

  @Override
  public String describe() {
    return "seconds from process start to ready, on an existing data directory";
  }

  @Override
  public Findings run(Effort effort, Consumer<String> tell) throws Exception {
    Path data = Files.createTempDirectory("nexus-bench");
    try {
      double first = startOnce(data);
      tell.accept(String.format("first start %.2f s", first));
      List<Double> restarts = new ArrayList<>();
      List<Double> floors = new ArrayList<>();
      for (int run = 0; run < effort.runs(); run++) {
        restarts.add(startOnce(data));
        floors.add(emptyJvm());
        tell.accept(
            String.format(
                "restart %.2f s, empty JVM %.2f s", restarts.getLast(), floors.getLast()));
      }
      long rss = idleMemory(data, effort.warmUp().toSeconds());
      return findings(median(restarts), first, rss, median(floors));
    } finally {
      ChildPlatform.deleteTree(data);
    }
  }

  /// @param ready seconds of a restart
  /// @param first seconds of a start on an empty directory
  /// @param emptyJvm seconds of a JVM that does nothing
  static Findings findings(double ready, double first, long rssMb, double emptyJvm) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return new Findings(
        json.objectNode()
            .put("readySeconds", Latencies.round(ready))
            .put("firstStartSeconds", Latencies.round(first))
            .put("rssMb", rssMb),
        json.objectNode().put("emptyJvmSeconds", Latencies.round(emptyJvm)),
        json.numberNode(Latencies.round(ready / emptyJvm)));
  }

  private static double startOnce(Path data) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    try (ChildPlatform platform = ChildPlatform.start(data)) {
      return platform.run().pid() > 0 ? (System.nanoTime() - begin) / 1e9 : 0;
    }
  }

  /// Memory of a platform that was started and left alone.
  private static long idleMemory(Path data, long seconds) throws IOException, InterruptedException {
    try (ChildPlatform platform = ChildPlatform.start(data)) {
      TimeUnit.SECONDS.sleep(seconds);
      return platform.residentMb();
    }
  }

  private static double emptyJvm() throws IOException, InterruptedException {
    long begin = System.nanoTime();
    new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--version")
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
    return (System.nanoTime() - begin) / 1e9;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
