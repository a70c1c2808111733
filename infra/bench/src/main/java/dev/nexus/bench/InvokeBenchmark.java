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
import java.util.List;
import java.util.function.Consumer;

/// One durable step over HTTP: a builtin component that gives its input back. The floor is the
/// bare road on the same broker: two produced and consumed records a call, the first one synced,
/// without HTTP, keys, Avro, decisions or projections.
final class InvokeBenchmark implements Benchmark {
  private static final String PATH = "/v1/apps/bench/components/echo/invoke";
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
    try (ChildPlatform platform = ChildPlatform.start(data)) {
      URI base = URI.create(platform.run().addresses().http());
      String key = platform.operatorKey();
      publish(base, key);
      ClosedLoop.Callers callers = number -> new HttpCaller(base, PATH, key, BODY);
      try (BareRoad road = new BareRoad(platform.run().addresses())) {
        tell.accept("warming up for " + effort.warmUp().toSeconds() + " s");
        warmUp(effort.warmUp(), callers, road);
        return measure(effort, callers, road, new LogVolume(platform.run().addresses()), tell);
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
    String definition =
        "appId: bench\\ndisplayName: Benchmark\\nversion: '1'\\ninitialComponentRegistry:\\n"
            + "  components:\\n    - componentId: echo\\n      handlerType: BUILTIN\\n"
            + "      taskDetails:\\n        function: echo\\n";
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/v1/apps/bench/apply"))
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"files\":{\"app_definition.yaml\":\"" + definition + "\"}}"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() / 100 != 2) {
        throw new IOException("the benchmark's application was refused: " + answer.body());
      }
    }
  }
}
