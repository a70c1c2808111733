package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.Capability;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.container.Containers;
import dev.nexus.executor.pool.Alarm;
import dev.nexus.executor.wasm.WasmCode;
import dev.nexus.platform.config.Setting;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/// Calls of a small function by one caller, each in an engine of its own, or in a container by a
/// process of its own. The floor is the same function in one engine or process that is called again
/// and again and keeps whatever a call leaves: what isolation costs is the difference.
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

  /// How often a limit of time is set and taken back.
  private static final int WATCHED = 100_000;

  /// One that is measured: the name of its fields, and its floor.
  ///
  /// @param asking the script that asks a tool for the same result
  private record InProcess(String name, Script script, Script asking, ClosedLoop.Callers floor) {}

  private final WasmCode code = new WasmCode(ToolLoad.AT_ONCE);
  private final String runners;
  private final String host;
  private final String runtime;
  private final List<InProcess> homes =
      List.of(
          new InProcess(
              "js",
              new Script(TenantId.DEFAULT, Language.JAVASCRIPT, JAVA_SCRIPT),
              new Script(TenantId.DEFAULT, Language.JAVASCRIPT, ToolLoad.JAVA_SCRIPT),
              _ -> new BareJavaScript()),
          new InProcess(
              "pythonWasm",
              new Script(TenantId.DEFAULT, Language.PYTHON, PYTHON),
              new Script(TenantId.DEFAULT, Language.PYTHON, ToolLoad.PYTHON),
              _ -> new BarePython()));

  /// With the images that `./nexus images build` makes.
  SandboxBenchmark() {
    this(
        Objects.requireNonNullElse(
            System.getenv("NEXUS_RUNNER_IMAGES"), Setting.RUNNER_IMAGES.defaultValue()),
        Objects.requireNonNullElse(System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock"),
        Objects.requireNonNullElse(System.getenv("NEXUS_CONTAINER_RUNTIME"), ""));
  }

  /// @param runners pattern of the images of runners
  /// @param host address of the engine; without one containers are left out
  /// @param runtime OCI runtime of the measured containers, "" for the engine's own, as floors have
  SandboxBenchmark(String runners, String host, String runtime) {
    this.runners = runners;
    this.host = host;
    this.runtime = runtime;
  }

  @Override
  public String name() {
    return "sandbox";
  }

  @Override
  public String describe() {
    return "calls of a small function, each in an engine or a process of its own";
  }

  @Override
  public Findings run(Effort effort, Consumer<String> tell)
      throws InterruptedException, ExecutionException, IOException {
    Measured measured = new Measured(effort, tell);
    Map<String, ClosedLoop.Callers> all = new LinkedHashMap<>();
    Map<String, ClosedLoop.Callers> bare = new LinkedHashMap<>();
    for (InProcess home : homes) {
      ClosedLoop.Callers isolated = caller(home.script());
      measured.addInProcess(home.name(), isolated, home.floor());
      measured.addInProcess(
          home.name() + "Tool", caller(home.asking(), Capability.TOOLS), isolated);
      all.put(home.name(), isolated);
      bare.put(home.name(), home.floor());
    }
    Optional<String> missing = Containers.missing(host);
    if (missing.isPresent()) {
      tell.accept("container: LEFT OUT, as " + missing.get());
      measured.mixed(all, bare);
    } else {
      try (var containers = new ContainerLoad(runners, host, runtime)) {
        ClosedLoop.Callers warm = containers.warm(Language.PYTHON);
        measured.add("container", warm, containers.bare(Language.PYTHON));
        measured.add("containerTool", containers.asking(), warm);
        measured.add(
            "containerNode",
            containers.warm(Language.JAVASCRIPT),
            containers.bare(Language.JAVASCRIPT));
        measured.add("command", containers.command(), containers.bareCommand());
        all.put("container", warm);
        bare.put("container", containers.bare(Language.PYTHON));
        measured.mixed(all, bare);
        new ContainerFigures(containers, runners)
            .add(measured.result, measured.floor, measured.ratio, tell);
      }
    }
    measured.result.set("watchdog", micros(() -> Alarm.after(LIMITS.time()).end()));
    measured.floor.set("watchdog", micros(() -> {}));
    return new Findings(measured.result, measured.floor, measured.ratio);
  }

  /// What was measured of each home.
  private static final class Measured {
    private final ObjectNode result = JsonNodeFactory.instance.objectNode();
    private final ObjectNode floor = JsonNodeFactory.instance.objectNode();
    private final ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    private final Effort effort;
    private final Consumer<String> tell;

    Measured(Effort effort, Consumer<String> tell) {
      this.effort = effort;
      this.tell = tell;
    }

    /// What containers keep busy is not known here.
    void add(String name, ClosedLoop.Callers own, ClosedLoop.Callers bare)
        throws InterruptedException, ExecutionException {
      measure(name, own, bare, new ProcessorTime(), new ProcessorTime());
    }

    void addInProcess(String name, ClosedLoop.Callers own, ClosedLoop.Callers bare)
        throws InterruptedException, ExecutionException {
      var cores = new ProcessorTime();
      var floorCores = new ProcessorTime();
      measure(name, own, bare, cores, floorCores);
      cores.addTo((ObjectNode) result.get(name));
      floorCores.addTo((ObjectNode) floor.get(name));
    }

    private void measure(
        String name,
        ClosedLoop.Callers own,
        ClosedLoop.Callers bare,
        ProcessorTime cores,
        ProcessorTime floorCores)
        throws InterruptedException, ExecutionException {
      tell.accept(name + ": warming up for " + effort.warmUp().toSeconds() + " s");
      ClosedLoop.run(1, effort.warmUp().dividedBy(2), bare);
      ClosedLoop.run(1, effort.warmUp().dividedBy(2), own);
      List<Latencies> runs = new ArrayList<>();
      List<Latencies> floors = new ArrayList<>();
      for (int run = 0; run < effort.runs(); run++) {
        floors.add(floorCores.of(() -> ClosedLoop.run(1, effort.each(), bare)));
        runs.add(cores.of(() -> ClosedLoop.run(1, effort.each(), own)));
        tell.accept(name + ": " + json(runs.getLast()) + " floor " + json(floors.getLast()));
      }
      Latencies median = Latencies.median(runs);
      Latencies least = Latencies.median(floors);
      result.set(name, json(median));
      floor.set(name, json(least));
      ratio.set(name, InvokeLoad.ratio(median, least));
    }

    /// All at once, beside their floors all at once.
    void mixed(Map<String, ClosedLoop.Callers> all, Map<String, ClosedLoop.Callers> bare)
        throws InterruptedException, ExecutionException {
      floor.set("mixed", MixedLoad.measure(bare, effort.each(), _ -> {}));
      result.set("mixed", MixedLoad.measure(all, effort.each(), tell));
      ratio.set("mixed", MixedLoad.ratio(result.path("mixed"), floor.path("mixed")));
    }
  }

  static String source(Language language) {
    return switch (language) {
      case JAVASCRIPT -> JAVA_SCRIPT;
      case PYTHON -> PYTHON;
    };
  }

  /// What something takes that takes about as long as to look at the clock: the floor is to do
  /// that twice. The first half is left out, as it is spent on becoming fast.
  private static ObjectNode micros(Runnable what) {
    long[] nanos = new long[WATCHED];
    for (int half = 0; half < 2; half++) {
      for (int i = 0; i < nanos.length; i++) {
        long begin = System.nanoTime();
        what.run();
        nanos[i] = System.nanoTime() - begin;
      }
    }
    Arrays.sort(nanos);
    return JsonNodeFactory.instance
        .objectNode()
        .put("micros", nanos[nanos.length / 2] / 1000.0)
        .put("p99Micros", nanos[(int) (nanos.length * 0.99)] / 1000.0);
  }

  private ClosedLoop.Callers caller(Script script, Capability... granted) {
    var call =
        new CodeCall(script, Home.IN_PROCESS, INPUT, LIMITS, Set.of(granted), ContainerLoad.task());
    return _ ->
        new ClosedLoop.Caller() {
          @Override
          public void call() throws InterruptedException {
            CodeOutcome outcome = code.run(script, call);
            if (!outcome.equals(new CodeOutcome.Result(OUTPUT))) {
              throw new IllegalStateException(script.language() + ": " + outcome);
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
