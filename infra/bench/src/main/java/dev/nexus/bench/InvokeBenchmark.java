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
  public ObjectNode run(Effort effort, Consumer<String> tell) throws Exception {
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
        var answer =
            measure(effort, callers, road, new LogVolume(platform.run().addresses()), tell);
        queue(() -> new HttpCaller(base, ASK, key, BODY, 202), tell);
        List<Latencies> runs = new ArrayList<>();
        for (int run = 0; run < effort.runs(); run++) {
          runs.add(ClosedLoop.run(1, effort.each(), callers));
        }
        ObjectNode queued = Latencies.median(runs).json().put("queuedPrompts", QUEUED);
        answer.withObject("result").set("c1BehindPrompts", queued);
        tell.accept("c1 with " + QUEUED + " slow prompts queued: " + queued);
        return answer;
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

  private static ObjectNode measure(
      Effort effort,
      ClosedLoop.Callers callers,
      BareRoad road,
      LogVolume volume,
      Consumer<String> tell)
      throws Exception {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ObjectNode result = answer.putObject("result");
    ObjectNode floor = answer.putObject("floor");
    ObjectNode ratio = answer.putObject("ratio");
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
      Latencies own = Latencies.median(runs);
      Latencies bare = Latencies.median(floors);
      String name = "c" + concurrency;
      ObjectNode node = own.json();
      node.put("recordsPerCall", Latencies.round((after.records() - before.records()) / calls));
      node.put("bytesPerCall", Math.round((after.bytes() - before.bytes()) / calls));
      result.set(name, node);
      floor.set(name, bare.json());
      ratio
          .putObject(name)
          .put("p50", Latencies.round(own.p50Ms() / bare.p50Ms()))
          .put("perSecond", Latencies.round(own.perSecond() / bare.perSecond()));
      tell.accept(name + ": " + node + " floor " + bare.json());
    }
    return answer;
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
