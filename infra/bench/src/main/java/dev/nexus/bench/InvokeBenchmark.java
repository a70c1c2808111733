package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.bench.InvokeLoad.Round;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.standalone.run.ChildPlatform;
import java.net.URI;
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

/// One durable step over HTTP: a builtin component that gives its input back, and what one caller
/// sees while slow prompts are queued.
final class InvokeBenchmark implements Benchmark {
  private static final String ASK = "/v1/apps/bench/components/ask/invoke?wait=0s";
  private static final int QUEUED = 10_000;
  private static final Duration MODEL_LATENCY = Duration.ofSeconds(10);

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
      Addresses addresses = platform.run().addresses();
      URI base = URI.create(addresses.http());
      String key = platform.operatorKey();
      InvokeLoad.publish(base, key);
      try (var load = new InvokeLoad(base, key, Map.of("bootstrap.servers", addresses.kafka()))) {
        load.warmUp(effort.warmUp(), tell);
        List<Round> measured = load.measure(effort, tell);
        queue(() -> new HttpCaller(base, ASK, key, InvokeLoad.BODY, 202), tell);
        List<Latencies> runs = new ArrayList<>();
        for (int run = 0; run < effort.runs(); run++) {
          runs.add(load.alone(effort.each()));
        }
        Findings findings = findings(measured, Latencies.median(runs));
        tell.accept("c1 with slow prompts queued: " + findings.result().get("c1BehindPrompts"));
        return findings;
      }
    } finally {
      ChildPlatform.deleteTree(data);
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

  /// @param behindPrompts of one caller while slow prompts are queued
  static Findings findings(List<Round> rounds, Latencies behindPrompts) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ObjectNode floor = JsonNodeFactory.instance.objectNode();
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    InvokeLoad.report(rounds, result, floor, ratio);
    result.set("c1BehindPrompts", behindPrompts.json().put("queuedPrompts", QUEUED));
    return new Findings(result, floor, ratio);
  }
}
