package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.container.Containers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/// Figures of containers that are no rates, each with its floor: how long a new one takes, how late
/// an endless call ends, and what an idle one keeps of the machine's memory.
final class ContainerFigures {
  private static final int STARTS = 15;
  private static final int KILLS = 20;
  private static final int CROWD = 20;

  private final ContainerLoad load;
  private final String image;

  /// @param runners pattern of the runners' images
  ContainerFigures(ContainerLoad load, String runners) {
    this.load = load;
    this.image = Containers.image(runners, Language.PYTHON);
  }

  void add(ObjectNode result, ObjectNode floor, ObjectNode ratio, Consumer<String> tell)
      throws IOException, InterruptedException {
    tell.accept("container: cold starts, kills and memory");
    double[] cold = new double[STARTS];
    double[] bareCold = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      cold[i] = cold(i);
      bareCold[i] = bareCold();
    }
    set("containerCold", cold, bareCold, result, floor, ratio);
    double[] late = new double[KILLS];
    double[] bareLate = new double[KILLS];
    for (int i = 0; i < KILLS; i++) {
      late[i] = load.end();
      bareLate[i] = bareEnd();
    }
    set("containerKill", late, bareLate, result, floor, ratio);
    double bare = bareMemoryEach();
    double own = memoryEach();
    result.set("containerDensity", density(own));
    floor.set("containerDensity", density(bare));
    ratio.putObject("containerDensity").put("mibEach", Latencies.round(own / bare));
  }

  private static void set(
      String name,
      double[] own,
      double[] bare,
      ObjectNode result,
      ObjectNode floor,
      ObjectNode ratio) {
    result.set(name, json(own));
    floor.set(name, json(bare));
    ratio.putObject(name).put("p50", Latencies.round(median(own) / median(bare)));
  }

  private double cold(int number) throws InterruptedException {
    long begun = System.nanoTime();
    load.begin("cold-" + number);
    return (System.nanoTime() - begun) / 1e6;
  }

  /// `docker run` of a program that does nothing.
  private double bareCold() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    docker("run", "--rm", "--network", "none", "--entrypoint", "true", image);
    return (System.nanoTime() - begun) / 1e6;
  }

  /// From the kill of an endless process of this machine until its parent knows.
  private static double bareEnd() throws IOException, InterruptedException {
    Process endless = new ProcessBuilder("sh", "-c", "echo; while :; do :; done").start();
    endless.getInputStream().read();
    long begun = System.nanoTime();
    endless.destroyForcibly().waitFor();
    return (System.nanoTime() - begun) / 1e6;
  }

  /// Memory that the machine has less of for each of many idle containers, MiB; what runs beside
  /// them, the engine's own processes, is part of it.
  private double memoryEach() throws IOException, InterruptedException {
    long before = availableKib();
    for (int i = 0; i < CROWD; i++) {
      load.begin("crowd-" + i);
    }
    return (before - availableKib()) / 1024.0 / CROWD;
  }

  /// The same for containers that sleep.
  private double bareMemoryEach() throws IOException, InterruptedException {
    List<String> crowd = new ArrayList<>();
    try {
      long before = availableKib();
      for (int i = 0; i < CROWD; i++) {
        crowd.add(
            docker("run", "-d", "--network", "none", "--entrypoint", "sleep", image, "infinity"));
      }
      return (before - availableKib()) / 1024.0 / CROWD;
    } finally {
      for (String one : crowd) {
        docker("rm", "-f", one);
      }
    }
  }

  private static String docker(String... args) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("docker"));
    words.addAll(List.of(args));
    Process docker =
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(docker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = docker.waitFor();
    if (code != 0) {
      throw new IllegalStateException("docker " + String.join(" ", args) + " ends with " + code);
    }
    return said.strip();
  }

  private static long availableKib() throws IOException {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith("MemAvailable"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  private static ObjectNode density(double mibEach) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("mibEach", tenths(mibEach))
        .put("perGib", Math.round(1024 / mibEach));
  }

  private static double median(double[] millis) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static ObjectNode json(double[] millis) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    return JsonNodeFactory.instance
        .objectNode()
        .put("p50Ms", tenths(median(millis)))
        .put("p99Ms", tenths(sorted[sorted.length * 99 / 100]));
  }

  private static double tenths(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
