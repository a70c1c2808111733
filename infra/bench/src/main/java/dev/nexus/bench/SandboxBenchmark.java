package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Script;
import dev.nexus.executor.wasm.WasmCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/// Calls of a small function by one caller, each in an engine of its own. The floor is the same
/// function in one engine that is called again and again and keeps whatever a call leaves: what
/// isolation costs is the difference.
final class SandboxBenchmark implements Benchmark {
  static final Json INPUT =
      new Json(
          "{\"items\":[{\"name\":\"lamp\",\"n\":3},{\"name\":\"desk\",\"n\":1},"
              + "{\"name\":\"chair\",\"n\":6}]}");
  static final Json OUTPUT = new Json("{\"sum\":10,\"names\":[\"LAMP\",\"DESK\",\"CHAIR\"]}");

  static final String JAVA_SCRIPT =
      """
      function handle(input) {
        return {sum: input.items.reduce((sum, item) => sum + item.n, 0),
                names: input.items.map((item) => item.name.toUpperCase())};
      }
      """;

  static final String PYTHON =
      """
      def handle(input):
          return {'sum': sum(item['n'] for item in input['items']),
                  'names': [item['name'].upper() for item in input['items']]}
      """;

  /// As usual, but that a machine on which everything is slow does not end it.
  private static final CodeLimits LIMITS =
      new CodeLimits(
          Duration.ofMinutes(1),
          CodeLimits.DEFAULT.memoryBytes(),
          CodeLimits.DEFAULT.outputBytes());

  /// One that is measured: the name of its fields, and its floor.
  private record Home(String name, Script script, ClosedLoop.Callers floor) {}

  private final WasmCode code = new WasmCode();
  private final List<Home> homes =
      List.of(
          new Home(
              "js",
              new Script(TenantId.DEFAULT, Language.JAVASCRIPT, JAVA_SCRIPT),
              _ -> new BareJavaScript()),
          new Home(
              "pythonWasm",
              new Script(TenantId.DEFAULT, Language.PYTHON, PYTHON),
              _ -> new BarePython()));

  @Override
  public String name() {
    return "sandbox";
  }

  @Override
  public String describe() {
    return "calls of a small function, each in an engine of its own";
  }

  @Override
  public Findings run(Effort effort, Consumer<String> tell)
      throws InterruptedException, ExecutionException {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ObjectNode floor = JsonNodeFactory.instance.objectNode();
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    for (Home home : homes) {
      tell.accept(home.name() + ": warming up for " + effort.warmUp().toSeconds() + " s");
      ClosedLoop.run(1, effort.warmUp().dividedBy(2), home.floor());
      ClosedLoop.run(1, effort.warmUp().dividedBy(2), caller(home));
      List<Latencies> runs = new ArrayList<>();
      List<Latencies> floors = new ArrayList<>();
      for (int run = 0; run < effort.runs(); run++) {
        floors.add(ClosedLoop.run(1, effort.each(), home.floor()));
        runs.add(ClosedLoop.run(1, effort.each(), caller(home)));
        tell.accept(home.name() + ": " + json(runs.getLast()) + " floor " + json(floors.getLast()));
      }
      Latencies own = Latencies.median(runs);
      Latencies bare = Latencies.median(floors);
      result.set(home.name(), json(own));
      floor.set(home.name(), json(bare));
      ratio.set(home.name(), InvokeLoad.ratio(own, bare));
    }
    return new Findings(result, floor, ratio);
  }

  private ClosedLoop.Callers caller(Home home) {
    return _ ->
        new ClosedLoop.Caller() {
          @Override
          public void call() throws InterruptedException {
            CodeOutcome outcome = code.run(home.script(), INPUT, LIMITS);
            if (!outcome.equals(new CodeOutcome.Result(OUTPUT))) {
              throw new IllegalStateException(home.name() + ": " + outcome);
            }
          }

          @Override
          public void close() {}
        };
  }

  /// To a microsecond, as a call takes some hundred of them.
  private static ObjectNode json(Latencies latencies) {
    return latencies
        .json()
        .put("p50Ms", Math.round(latencies.p50Ms() * 1000) / 1000.0)
        .put("p99Ms", Math.round(latencies.p99Ms() * 1000) / 1000.0);
  }
}
