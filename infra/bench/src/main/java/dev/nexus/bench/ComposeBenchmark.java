package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.bench.InvokeLoad.Round;
import dev.nexus.standalone.compose.ComposeFailedException;
import dev.nexus.standalone.verb.CommandFailedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// What it costs to run every service in a container of its own: the calls of `invoke` by the front
/// door of Compose, and then, when nothing of it is left, the same by a platform in one JVM. Each
/// has its floor on its own broker; how long it takes to the first answer and what it holds comes
/// with it.
final class ComposeBenchmark implements Benchmark {
  private static final Duration ANSWERS_WITHIN = Duration.ofMinutes(15);

  private final Map<String, String> environment;

  /// @param environment may choose images and their memory
  ComposeBenchmark(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  @Override
  public String name() {
    return "compose";
  }

  @Override
  public String describe() {
    return "the calls of `invoke`, by Docker Compose with one broker and by one JVM";
  }

  @Override
  public Findings run(Effort effort, Consumer<String> tell) throws Exception {
    try {
      Map<String, Long> imageBytes;
      Taken compose;
      var containers = new ComposeSite(environment);
      try (var _ = new UntilTheEnd(containers, tell)) {
        containers.prepare();
        imageBytes = containers.imageBytes();
        compose = measure(containers, effort, line -> tell.accept("compose: " + line));
      }
      var process = new StandaloneSite();
      try (var _ = new UntilTheEnd(process, tell)) {
        Taken standalone = measure(process, effort, line -> tell.accept("standalone: " + line));
        return findings(compose, standalone, imageBytes);
      }
    } catch (ComposeFailedException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  /// What one site takes.
  ///
  /// @param firstAnswer seconds from its start, with nothing there, to the first answered call
  /// @param startSeconds of each of its processes until that said that it works, at the last start
  /// @param residentMb of each of its processes, after the load
  record Taken(
      double firstAnswer,
      Map<String, Double> startSeconds,
      List<Round> rounds,
      Map<String, Long> residentMb) {
    Taken {
      startSeconds = new TreeMap<>(startSeconds);
      rounds = List.copyOf(rounds);
      residentMb = new TreeMap<>(residentMb);
    }

    long allResidentMb() {
      return residentMb.values().stream().mapToLong(Long::longValue).sum();
    }

    ObjectNode resident() {
      ObjectNode resident = JsonNodeFactory.instance.objectNode();
      residentMb.forEach((process, mb) -> resident.put(process, mb));
      return resident.put("total", allResidentMb());
    }

    ObjectNode starts() {
      ObjectNode starts = JsonNodeFactory.instance.objectNode();
      startSeconds.forEach((process, seconds) -> starts.put(process, Latencies.round(seconds)));
      return starts;
    }
  }

  private static Taken measure(Site site, Effort effort, Consumer<String> tell) throws Exception {
    List<Double> starts = new ArrayList<>();
    for (int run = 0; run < effort.runs(); run++) {
      if (run > 0) {
        site.stop();
      }
      starts.add(secondsToFirstAnswer(site));
      tell.accept(String.format("first answer after %.2f s", starts.getLast()));
    }
    try (InvokeLoad load = new InvokeLoad(site.base(), site.key(), site.kafka())) {
      load.warmUp(effort.warmUp(), tell);
      List<Round> rounds = load.measure(effort, tell);
      Taken taken =
          new Taken(ReadSide.median(starts), site.startSeconds(), rounds, site.residentMb());
      tell.accept("start of each, s: " + taken.starts());
      tell.accept("resident, MiB: " + taken.resident());
      return taken;
    }
  }

  /// What is not there yet is asked for again: the key, the address, the services behind it.
  static double secondsToFirstAnswer(Site site) throws IOException, InterruptedException {
    long from = System.nanoTime();
    site.start();
    while (true) {
      try {
        String key = site.key();
        InvokeLoad.publish(site.base(), key);
        InvokeLoad.callOnce(site.base(), key);
        return (System.nanoTime() - from) / 1e9;
      } catch (IOException | ComposeFailedException e) {
        if (e instanceof RefusedException refused && refused.isFinal()) {
          throw new CommandFailedException(String.valueOf(e.getMessage()), e);
        }
        if (System.nanoTime() - from > ANSWERS_WITHIN.toNanos()) {
          throw new CommandFailedException(
              "no answer after " + ANSWERS_WITHIN.toMinutes() + " minutes, at last " + e, e);
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  /// @param imageBytes of each service; what several share counts in each
  static Findings findings(Taken compose, Taken standalone, Map<String, Long> imageBytes) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ObjectNode floor = JsonNodeFactory.instance.objectNode();
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    put("compose", compose, result, floor, ratio);
    put("standalone", standalone, result, floor, ratio);
    ObjectNode images = result.putObject("imagesMb");
    new TreeMap<>(imageBytes)
        .forEach((service, bytes) -> images.put(service, Math.round(bytes / 1e6)));
    ObjectNode between = ratio.putObject("composeToStandalone");
    between.put("firstAnswer", Latencies.round(compose.firstAnswer() / standalone.firstAnswer()));
    for (int i = 0; i < compose.rounds().size(); i++) {
      Round round = compose.rounds().get(i);
      between.set(round.name(), InvokeLoad.ratio(round.own(), standalone.rounds().get(i).own()));
    }
    // Where there is no /proc, what one JVM holds is not known.
    if (standalone.allResidentMb() > 0) {
      double resident = (double) compose.allResidentMb() / standalone.allResidentMb();
      between.put("resident", Latencies.round(resident));
    }
    return new Findings(result, floor, ratio);
  }

  private static void put(
      String name, Taken taken, ObjectNode result, ObjectNode floor, ObjectNode ratio) {
    ObjectNode own = result.putObject(name);
    own.put("firstAnswerSeconds", Latencies.round(taken.firstAnswer()));
    own.set("startSeconds", taken.starts());
    InvokeLoad.report(taken.rounds(), own, floor.putObject(name), ratio.putObject(name));
    own.set("residentMb", taken.resident());
  }
}
