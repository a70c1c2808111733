package dev.nexus.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/// All homes at once, one caller each, for several stretches of time: what stays as it was is flat.
final class MixedLoad {
  private static final int STRETCHES = 5;

  private MixedLoad() {}

  /// `p99Ms` of each home, `heapMib` and `residentMib`, each with a figure a stretch. The heap is
  /// what is left behind a collection; memory of the JVM only, not of containers.
  static ObjectNode measure(
      Map<String, ClosedLoop.Callers> homes, Duration each, Consumer<String> tell)
      throws InterruptedException, ExecutionException {
    ObjectNode mixed = JsonNodeFactory.instance.objectNode();
    ObjectNode p99 = mixed.putObject("p99Ms");
    homes.keySet().forEach(p99::putArray);
    ArrayNode heap = mixed.putArray("heapMib");
    ArrayNode resident = mixed.putArray("residentMib");
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      for (int stretch = 0; stretch < STRETCHES; stretch++) {
        Map<String, Future<Latencies>> runs = new LinkedHashMap<>();
        homes.forEach(
            (name, home) -> runs.put(name, threads.submit(() -> ClosedLoop.run(1, each, home))));
        for (var run : runs.entrySet()) {
          p99.withArray("/" + run.getKey()).add(Latencies.round(run.getValue().get().p99Ms()));
        }
        System.gc();
        Runtime jvm = Runtime.getRuntime();
        heap.add((jvm.totalMemory() - jvm.freeMemory()) >> 20);
        resident.add(residentMib());
        tell.accept("mixed: " + mixed);
      }
    }
    return mixed;
  }

  /// Of the middle stretch to that of the floor, for each home.
  static ObjectNode ratio(JsonNode own, JsonNode floor) {
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    ObjectNode p99 = ratio.putObject("p99Ms");
    own.path("p99Ms")
        .properties()
        .forEach(
            home ->
                p99.put(
                    home.getKey(),
                    Latencies.round(
                        middle(home.getValue())
                            / middle(floor.path("p99Ms").path(home.getKey())))));
    return ratio;
  }

  private static double middle(JsonNode figures) {
    List<Double> sorted = new ArrayList<>();
    figures.forEach(figure -> sorted.add(figure.asDouble()));
    sorted.sort(Comparator.naturalOrder());
    return sorted.get(sorted.size() / 2);
  }

  /// 0 where the system does not tell.
  private static long residentMib() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
