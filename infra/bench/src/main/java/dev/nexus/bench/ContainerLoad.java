package dev.nexus.bench;

import dev.nexus.event.Envelope;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
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
import dev.nexus.executor.code.Program;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.container.Containers;
import dev.nexus.executor.work.AssignedTask;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// Calls in containers: warm ones of each runner, a command, a call that asks a tool, the first of
/// a new one, and what ending an endless one takes. The floor of what can be repeated is one
/// interpreter in a container that is never renewed, over its standard input and output.
final class ContainerLoad implements AutoCloseable {
  private static final String COMMAND = "/usr/bin/true";
  private static final Duration BRIEF = Duration.ofMillis(200);
  private static final CodeLimits LIMITS =
      new CodeLimits(
          Duration.ofMinutes(1),
          CodeLimits.DEFAULT.memoryBytes(),
          CodeLimits.DEFAULT.outputBytes());

  private static final String PYTHON_FLOOR =
      SandboxBenchmark.PYTHON
          + """
          import json, sys
          for line in sys.stdin:
              print(json.dumps(handle(json.loads(line)), separators=(',', ':')), flush=True)
          """;

  private static final String NODE_FLOOR =
      SandboxBenchmark.JAVA_SCRIPT
          + """
          require('readline').createInterface({input: process.stdin}).on('line', (line) =>
            process.stdout.write(JSON.stringify(handle(JSON.parse(line))) + '\\n'));
          """;

  /// Starts a program for each line, as a command is started for each call.
  private static final String COMMAND_FLOOR =
      """
      import subprocess, sys
      for line in sys.stdin:
          print(subprocess.run(['%s'], stdin=subprocess.DEVNULL, capture_output=True).returncode,
                flush=True)
      """
          .formatted(COMMAND);

  private final String runners;
  private final Containers containers;
  private final AssignedTask task = task();

  /// @param runners pattern of the runners' images
  /// @param host address of the engine
  /// @param runtime OCI runtime, "" for the engine's own
  ContainerLoad(String runners, String host, String runtime) {
    this.runners = runners;
    this.containers =
        Containers.untold(
            new Containers.Options(host, runtime, runners, 64, Containers.usualSockets()),
            ToolLoad.AT_ONCE);
  }

  /// For which measured calls are made.
  static AssignedTask task() {
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

  private CodeOutcome run(
      String pool, int most, Program program, CodeLimits limits, Capability... granted)
      throws InterruptedException {
    return containers.run(
        new CodeCall(
            program,
            new Home.Pool(
                TenantId.DEFAULT, "bench", new PoolDefinition(pool, "", 0, most, 1, 256L << 20)),
            SandboxBenchmark.INPUT,
            limits,
            Set.of(granted),
            task));
  }

  private static Script script(Language language, String source) {
    return new Script(TenantId.DEFAULT, language, source);
  }

  private interface Call {
    void make() throws InterruptedException;
  }

  private static ClosedLoop.Callers callers(Call call) {
    return _ ->
        new ClosedLoop.Caller() {
          @Override
          public void call() throws InterruptedException {
            call.make();
          }

          @Override
          public void close() {}
        };
  }

  /// Calls of one caller in one warm container.
  ClosedLoop.Callers warm(Language language) {
    Script script = script(language, SandboxBenchmark.source(language));
    return callers(() -> answer("warm-" + language, script));
  }

  /// Calls that ask one tool, which answers at once.
  ClosedLoop.Callers asking() {
    Script script = script(Language.PYTHON, ToolLoad.PYTHON);
    return callers(() -> answer("tools", script, Capability.TOOLS));
  }

  private void answer(String pool, Program program, Capability... granted)
      throws InterruptedException {
    CodeOutcome outcome = run(pool, 1, program, LIMITS, granted);
    if (!outcome.equals(new CodeOutcome.Result(SandboxBenchmark.OUTPUT))) {
      throw new IllegalStateException("container: " + outcome);
    }
  }

  /// A program that does nothing, in a warm container.
  ClosedLoop.Callers command() {
    var command = new Program.Command(TenantId.DEFAULT, COMMAND, List.of());
    return callers(
        () -> {
          CodeOutcome outcome = run("commands", 1, command, LIMITS);
          if (!(outcome instanceof CodeOutcome.Result(Json output, _))
              || CanonicalJson.read(output).path("exit_code").asInt(-1) != 0) {
            throw new IllegalStateException("command: " + outcome);
          }
        });
  }

  /// The same function in one interpreter that is never renewed.
  ClosedLoop.Callers bare(Language language) {
    List<String> program =
        switch (language) {
          case PYTHON -> List.of("python3", "-c", PYTHON_FLOOR);
          case JAVASCRIPT -> List.of("node", "-e", NODE_FLOOR);
        };
    String image = Containers.image(runners, language);
    return _ -> new Bare(image, program, SandboxBenchmark.OUTPUT.text());
  }

  /// The same program, started by one interpreter in a container.
  ClosedLoop.Callers bareCommand() {
    String image = Containers.image(runners, Language.PYTHON);
    return _ -> new Bare(image, List.of("python3", "-c", COMMAND_FLOOR), "0");
  }

  private static final class Bare implements ClosedLoop.Caller {
    private final Process process;
    private final OutputStream in;
    private final BufferedReader out;
    private final byte[] line =
        (SandboxBenchmark.INPUT.text() + "\n").getBytes(StandardCharsets.UTF_8);

    private final String expected;

    /// @param program and its arguments, which answers each line of input with a line
    Bare(String image, List<String> program, String expected) throws IOException {
      this.expected = expected;
      List<String> words =
          new ArrayList<>(List.of("docker", "run", "--rm", "-i", "--network", "none"));
      words.addAll(List.of("--entrypoint", program.getFirst(), image));
      words.addAll(program.subList(1, program.size()));
      process = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      in = process.getOutputStream();
      out = process.inputReader(StandardCharsets.UTF_8);
    }

    @Override
    public void call() throws IOException {
      in.write(line);
      in.flush();
      String answer = out.readLine();
      if (!expected.equals(answer)) {
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

  /// From nothing to the first answer, in a new container.
  void begin(String name) throws InterruptedException {
    answer(name, script(Language.PYTHON, SandboxBenchmark.PYTHON));
  }

  /// How much later than its limit an endless call is answered, milliseconds.
  double end() throws InterruptedException {
    var brief = new CodeLimits(BRIEF, LIMITS.memoryBytes(), LIMITS.outputBytes());
    Script endless = script(Language.PYTHON, "def handle(i):\n  while True: pass");
    long begun = System.nanoTime();
    CodeOutcome outcome = run("warm-" + Language.PYTHON, 1, endless, brief);
    double late = (System.nanoTime() - begun) / 1e6 - BRIEF.toMillis();
    if (!(outcome instanceof CodeOutcome.Failure failure)
        || failure.failure() != FailureClass.TIMEOUT) {
      throw new IllegalStateException("a timeout expected: " + outcome);
    }
    return late;
  }

  @Override
  public void close() {
    containers.close();
  }
}
