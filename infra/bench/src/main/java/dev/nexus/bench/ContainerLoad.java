package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskEvent.TaskLimits;
import dev.nexus.event.task.TaskKey;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.container.Containers;
import dev.nexus.executor.work.AssignedTask;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/// Calls in containers: warm ones, the first of a new one, what ending an endless one takes, and
/// how many fit into memory. The floors are one Python in a container that is never renewed, over
/// its standard input and output, and `docker run` of a program that does nothing.
final class ContainerLoad implements AutoCloseable {
  private static final int STARTS = 15;
  private static final int KILLS = 20;
  private static final int CROWD = 20;
  private static final Duration BRIEF = Duration.ofMillis(200);
  private static final CodeLimits LIMITS =
      new CodeLimits(
          Duration.ofMinutes(1),
          CodeLimits.DEFAULT.memoryBytes(),
          CodeLimits.DEFAULT.outputBytes());

  private static final String FLOOR =
      SandboxBenchmark.PYTHON
          + """
          import json, sys
          for line in sys.stdin:
              print(json.dumps(handle(json.loads(line)), separators=(',', ':')), flush=True)
          """;

  private final String image;
  private final Containers containers;
  private final AssignedTask task = task();

  /// @param runners pattern of the runners' images
  /// @param host address of the engine
  ContainerLoad(String runners, String host) {
    this.image = Containers.image(runners, Language.PYTHON);
    this.containers =
        Containers.untold(new Containers.Options(host, "", runners, 64, Containers.usualSockets()));
  }

  private static AssignedTask task() {
    Instant now = Instant.now();
    return new AssignedTask(
        Envelope.of(UUID.randomUUID(), now, TenantId.DEFAULT, "bench", "service:bench")
            .withExecution(new ExecutionId(UUID.randomUUID())),
        new TaskAssigned(
            new TaskKey(1, Role.SERVE, 1),
            "work",
            "",
            "",
            "",
            SandboxBenchmark.INPUT,
            new TaskLimits(now, Duration.ofMinutes(1), Duration.ofMinutes(1))));
  }

  private CodeOutcome run(String pool, int most, String source, CodeLimits limits)
      throws InterruptedException {
    return containers.run(
        new CodeCall(
            new Script(TenantId.DEFAULT, Language.PYTHON, source),
            new Home.Pool(
                TenantId.DEFAULT, "bench", new PoolDefinition(pool, "", 0, most, 1, 256L << 20)),
            SandboxBenchmark.INPUT,
            limits,
            task));
  }

  /// Calls of one caller in one warm container.
  ClosedLoop.Callers warm() {
    return _ ->
        new ClosedLoop.Caller() {
          @Override
          public void call() throws InterruptedException {
            answer("warm");
          }

          @Override
          public void close() {}
        };
  }

  private void answer(String pool) throws InterruptedException {
    CodeOutcome outcome = run(pool, 1, SandboxBenchmark.PYTHON, LIMITS);
    if (!outcome.equals(new CodeOutcome.Result(SandboxBenchmark.OUTPUT))) {
      throw new IllegalStateException("container: " + outcome);
    }
  }

  /// The same function in one interpreter that is never renewed.
  ClosedLoop.Callers bare() {
    return _ -> new Bare(image);
  }

  private static final class Bare implements ClosedLoop.Caller {
    private final Process process;
    private final OutputStream in;
    private final BufferedReader out;
    private final byte[] line =
        (SandboxBenchmark.INPUT.text() + "\n").getBytes(StandardCharsets.UTF_8);

    Bare(String image) throws IOException {
      process =
          new ProcessBuilder(
                  "docker",
                  "run",
                  "--rm",
                  "-i",
                  "--network",
                  "none",
                  "--entrypoint",
                  "python3",
                  image,
                  "-c",
                  FLOOR)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      in = process.getOutputStream();
      out = process.inputReader(StandardCharsets.UTF_8);
    }

    @Override
    public void call() throws IOException {
      in.write(line);
      in.flush();
      String answer = out.readLine();
      if (!SandboxBenchmark.OUTPUT.text().equals(answer)) {
        throw new IllegalStateException("bare container: " + answer);
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// From nothing to the first answer, in new containers.
  double[] cold() throws InterruptedException {
    double[] millis = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      long begun = System.nanoTime();
      answer("cold-" + i);
      millis[i] = (System.nanoTime() - begun) / 1e6;
    }
    return millis;
  }

  /// `docker run` of a program that does nothing.
  double[] bareCold() throws IOException, InterruptedException {
    double[] millis = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      long begun = System.nanoTime();
      int code =
          new ProcessBuilder(
                  "docker", "run", "--rm", "--network", "none", "--entrypoint", "true", image)
              .inheritIO()
              .start()
              .waitFor();
      if (code != 0) {
        throw new IllegalStateException("docker run of " + image + " ends with " + code);
      }
      millis[i] = (System.nanoTime() - begun) / 1e6;
    }
    return millis;
  }

  /// How much later than its limit an endless call is answered.
  double[] kill() throws InterruptedException {
    double[] millis = new double[KILLS];
    var brief = new CodeLimits(BRIEF, LIMITS.memoryBytes(), LIMITS.outputBytes());
    for (int i = 0; i < KILLS; i++) {
      long begun = System.nanoTime();
      CodeOutcome outcome = run("warm", 1, "def handle(i):\n  while True: pass", brief);
      millis[i] = (System.nanoTime() - begun) / 1e6 - BRIEF.toMillis();
      if (!(outcome instanceof CodeOutcome.Failure failure)
          || failure.failure() != FailureClass.TIMEOUT) {
        throw new IllegalStateException("a timeout expected: " + outcome);
      }
    }
    return millis;
  }

  /// Memory that the machine has less of for each of many idle containers, MiB; what runs beside
  /// them, the engine's own processes, is part of it.
  double memoryEach() throws IOException, InterruptedException {
    long before = availableKib();
    for (int i = 0; i < CROWD; i++) {
      answer("crowd-" + i);
    }
    return (before - availableKib()) / 1024.0 / CROWD;
  }

  private static long availableKib() throws IOException {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith("MemAvailable"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  static ObjectNode json(double[] millis) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    return JsonNodeFactory.instance
        .objectNode()
        .put("p50Ms", tenths(sorted[sorted.length / 2]))
        .put("p99Ms", tenths(sorted[sorted.length * 99 / 100]));
  }

  private static double tenths(double value) {
    return Math.round(value * 10) / 10.0;
  }

  /// Adds the figures that are no rates.
  void addOnce(ObjectNode result, ObjectNode floor, ObjectNode ratio, Consumer<String> tell)
      throws IOException, InterruptedException {
    tell.accept("container: cold starts, kills and memory");
    List<double[]> both = new ArrayList<>(List.of(cold(), bareCold()));
    result.set("containerCold", json(both.getFirst()));
    floor.set("containerCold", json(both.getLast()));
    ratio
        .putObject("containerCold")
        .put(
            "p50",
            Math.round(
                    100
                        * json(both.getFirst()).path("p50Ms").asDouble()
                        / json(both.getLast()).path("p50Ms").asDouble())
                / 100.0);
    result.set("containerKill", json(kill()));
    double each = memoryEach();
    result
        .putObject("containerDensity")
        .put("mibEach", tenths(each))
        .put("perGib", Math.round(1024 / each));
  }

  @Override
  public void close() {
    containers.close();
  }
}
