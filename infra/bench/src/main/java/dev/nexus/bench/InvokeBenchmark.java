package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.standalone.run.ChildPlatform;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// One durable step over HTTP: a builtin component that gives its input back. The floor is the
/// bare road on the same broker: two produced and consumed records a call, the first one synced,
/// without HTTP, keys, Avro, decisions or projections.
final class InvokeBenchmark implements Benchmark {
  private static final String ECHO = "/v1/apps/bench/components/echo/invoke";
  private static final String ASK = "/v1/apps/bench/components/ask/invoke?wait=0s";
  private static final int QUEUED = 10_000;
  private static final Duration MODEL_LATENCY = Duration.ofSeconds(10);
  private static final String BODY =
      "{\"order\":4711,\"text\":\"" + "a line of a letter; ".repeat(10) + "\"}";

  @Override
  public String name() {
    return "invoke";
  }

  @Override
  public String describe() {
    return "one durable step over HTTP (builtin echo, accepted request synced to disk)";
  }

  @Override
  public Findings run(Effort effort, Consumer<String> tell) throws Exception {
    Path data = Files.createTempDirectory("nexus-bench");
    try (SlowModel model = new SlowModel(MODEL_LATENCY);
        ChildPlatform platform =
            ChildPlatform.start(data, Map.of("NEXUS_LLM_BASE_URL", model.url()))) {
      URI base = URI.create(platform.run().addresses().http());
      String key = platform.operatorKey();
      publish(base, key);
      ClosedLoop.Callers callers = number -> new HttpCaller(base, ECHO, key, BODY, 200);
      try (BareRoad road = new BareRoad(platform.run().addresses())) {
        tell.accept("warming up for " + effort.warmUp().toSeconds() + " s");
        warmUp(effort.warmUp(), callers, road);
        var measured =
            measure(effort, callers, road, new LogVolume(platform.run().addresses()), tell);
        queue(() -> new HttpCaller(base, ASK, key, BODY, 202), tell);
        List<Latencies> runs = new ArrayList<>();
        for (int run = 0; run < effort.runs(); run++) {
          runs.add(ClosedLoop.run(1, effort.each(), callers));
        }
        Findings findings = findings(measured, Latencies.median(runs));
        tell.accept("c1 with slow prompts queued: " + findings.result().get("c1BehindPrompts"));
        return findings;
      }
    } finally {
      ChildPlatform.deleteTree(data);
    }
  }

  private static void warmUp(Duration length, ClosedLoop.Callers callers, BareRoad road)
      throws Exception {
    long end = System.nanoTime() + length.toNanos();
    while (System.nanoTime() < end) {
      ClosedLoop.run(64, Duration.ofSeconds(4), callers);
      ClosedLoop.run(1, Duration.ofSeconds(2), callers);
      ClosedLoop.run(64, Duration.ofSeconds(1), road);
    }
  }

  /// Leaves prompts waiting behind a model that takes its time.
  private static void queue(Callable<HttpCaller> callers, Consumer<String> tell) throws Exception {
    tell.accept("queueing " + QUEUED + " prompts");
    AtomicInteger left = new AtomicInteger(QUEUED);
    List<Callable<Void>> senders =
        Collections.nCopies(
            32,
            () -> {
              try (HttpCaller caller = callers.call()) {
                while (left.getAndDecrement() > 0) {
                  caller.call();
                }
              }
              return null;
            });
    try (var threads = Executors.newCachedThreadPool()) {
      for (Future<Void> sender : threads.invokeAll(senders)) {
        sender.get();
      }
    }
  }

  /// What was measured with so many callers.
  ///
  /// @param recordsPerCall written to the log, `bytesPerCall` likewise
  record Round(
      int callers, Latencies own, Latencies bare, double recordsPerCall, double bytesPerCall) {
    ObjectNode json() {
      return own.json()
          .put("recordsPerCall", Latencies.round(recordsPerCall))
          .put("bytesPerCall", Math.round(bytesPerCall));
    }
  }

  /// @param behindPrompts of one caller while slow prompts are queued
  static Findings findings(List<Round> rounds, Latencies behindPrompts) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ObjectNode floor = JsonNodeFactory.instance.objectNode();
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    for (Round round : rounds) {
      String name = "c" + round.callers();
      result.set(name, round.json());
      floor.set(name, round.bare().json());
      ratio
          .putObject(name)
          .put("p50", Latencies.round(round.own().p50Ms() / round.bare().p50Ms()))
          .put("perSecond", Latencies.round(round.own().perSecond() / round.bare().perSecond()));
    }
    result.set("c1BehindPrompts", behindPrompts.json().put("queuedPrompts", QUEUED));
    return new Findings(result, floor, ratio);
  }

  private static List<Round> measure(
      Effort effort,
      ClosedLoop.Callers callers,
      BareRoad road,
      LogVolume volume,
      Consumer<String> tell)
      throws Exception {
    List<Round> rounds = new ArrayList<>();
    for (int concurrency : new int[] {1, 64}) {
      List<Latencies> runs = new ArrayList<>();
      List<Latencies> floors = new ArrayList<>();
      LogVolume.Reading before = volume.read();
      double calls = 0;
      for (int run = 0; run < effort.runs(); run++) {
        Latencies measured = ClosedLoop.run(concurrency, effort.each(), callers);
        calls += measured.perSecond() * effort.each().toSeconds();
        runs.add(measured);
      }
      LogVolume.Reading after = volume.read();
      for (int run = 0; run < effort.runs(); run++) {
        floors.add(ClosedLoop.run(concurrency, effort.each(), road));
      }
      Round round =
          new Round(
              concurrency,
              Latencies.median(runs),
              Latencies.median(floors),
              (after.records() - before.records()) / calls,
              (after.bytes() - before.bytes()) / calls);
      rounds.add(round);
      tell.accept("c" + concurrency + ": " + round.json() + " floor " + round.bare().json());
    }
    return rounds;
  }

  private static void publish(URI base, String key) throws IOException, InterruptedException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put(
            "app_definition.yaml",
            """
            appId: bench
            displayName: Benchmark
            version: '1'
            components:
              - componentId: echo
                handlerType: BUILTIN
                taskDetails:
                  function: echo
              - componentId: ask
                handlerType: LLM
                taskDetails:
                  template: "{{ input.text }}"
                  model: slow
            """);
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/v1/apps/bench/apply"))
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() / 100 != 2) {
        throw new IOException("the benchmark's application was refused: " + answer.body());
      }
    }
  }
}
