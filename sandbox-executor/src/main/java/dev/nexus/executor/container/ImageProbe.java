package dev.nexus.executor.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Excerpt;
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
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program;
import dev.nexus.executor.code.Program.Command;
import dev.nexus.executor.code.Program.ImageHandler;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.work.AssignedTask;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Tries an image as a pool would run it, under all limits.
public final class ImageProbe implements AutoCloseable {
  private static final Json INPUT = new Json("{\"n\":1}");
  private static final Json OUTPUT = new Json("{\"got\":2}");
  private static final int SHOWN = 200;
  private static final CodeLimits LIMITS =
      new CodeLimits(Duration.ofSeconds(30), 64 << 20, CodeLimits.DEFAULT.outputBytes());

  /// Every image of a system with coreutils has it.
  private static final String COMMAND = "/usr/bin/true";

  private static final byte[] TOOL_ANSWER =
      """
      {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"{\\"got\\":2}"}],
       "isError":false,"_meta":{"dev.nexus/output":"json"}}}
      """
          .getBytes(StandardCharsets.UTF_8);

  /// One that always knows the answer.
  private static final Tools TOOL = (_, _, _, _) -> new Tools.Reply(200, TOOL_ANSWER);

  private final Containers containers;

  /// What an image can do.
  ///
  /// @param languages what came of a script in each, "" where it was answered right
  /// @param tools what came of scripts that call a tool, "" where all had its answer; "not tried"
  ///     where the image runs none
  /// @param ownHandler what came of a call without a script, "" where a handler answered; "none"
  ///     where there is none
  /// @param commands what came of a program of the image, "" where it was run
  /// @param firstAnswer time from nothing to the first answer
  /// @param nextAnswer time of a later one
  public record Report(
      Map<Language, String> languages,
      String tools,
      String ownHandler,
      String commands,
      Duration firstAnswer,
      Duration nextAnswer) {
    /// Whether a pool can use it.
    public boolean usable() {
      return languages.containsValue("") || ownHandler.isEmpty() || commands.isEmpty();
    }
  }

  public ImageProbe(Containers.Options options) {
    this.containers = Containers.untold(options, TOOL);
  }

  public Report check(String image) throws InterruptedException {
    Map<Language, String> languages = new EnumMap<>(Language.class);
    long begun = System.nanoTime();
    CodeOutcome own = run(image, new ImageHandler(TenantId.DEFAULT), new Json("null"), Set.of());
    Duration first = since(begun);
    Duration next = first;
    for (Language language : Language.values()) {
      begun = System.nanoTime();
      languages.put(
          language,
          words(
              run(image, new Script(TenantId.DEFAULT, language, echo(language)), INPUT, Set.of())));
      Duration took = since(begun);
      next = took.compareTo(next) < 0 ? took : next;
    }
    return new Report(
        languages, tools(image, languages), handler(own), commands(image), first, next);
  }

  /// Of the languages that the image runs, what the first one says that has no answer of a tool.
  private String tools(String image, Map<Language, String> languages) throws InterruptedException {
    String said = "not tried: it runs no script";
    for (Language language : Language.values()) {
      if (languages.getOrDefault(language, "").isEmpty()) {
        var script = new Script(TenantId.DEFAULT, language, asking(language));
        said = words(run(image, script, INPUT, Set.of(Capability.TOOLS)));
        if (!said.isEmpty()) {
          return language.text() + ": " + said;
        }
      }
    }
    return said;
  }

  /// What an image that knows no commands answers is what its handler makes of nothing.
  private String commands(String image) throws InterruptedException {
    var program = new Command(TenantId.DEFAULT, COMMAND, List.of());
    return switch (run(image, program, new Json("null"), Set.of())) {
      case Result(var output, _) when isOfTrue(output) -> "";
      case Result(var output, _) ->
          "it runs none: stdout, stderr and exit_code 0 of "
              + COMMAND
              + " expected, found "
              + Excerpt.of(output.text(), SHOWN);
      case CodeOutcome.Deopt _ -> "it runs none: " + COMMAND + " declines nothing";
      case Failure(var failure, var detail, _) -> failure + ": " + detail;
    };
  }

  private static boolean isOfTrue(Json output) {
    JsonNode fields = CanonicalJson.read(output);
    return fields.path("stdout").asText("none").isEmpty()
        && fields.path("stderr").asText("none").isEmpty()
        && fields.path("exit_code").asInt(-1) == 0;
  }

  private static Duration since(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private static String echo(Language language) {
    return switch (language) {
      case JAVASCRIPT -> "function handle(i) { return {got: i.n + 1}; }";
      case PYTHON -> "def handle(i): return {'got': i['n'] + 1}";
    };
  }

  private static String asking(Language language) {
    return switch (language) {
      case JAVASCRIPT -> "async function handle(i) { return await tool('probe', i); }";
      case PYTHON -> "def handle(i): return tool('probe', i)";
    };
  }

  private static String words(CodeOutcome outcome) {
    return switch (outcome) {
      case Result(var output, _) when output.equals(OUTPUT) -> "";
      case Result(var output, _) -> OUTPUT.text() + " expected, found " + output.text();
      case CodeOutcome.Deopt(var reason, _) -> "declined: " + reason;
      case Failure(var failure, var detail, _) -> failure + ": " + detail;
    };
  }

  private static String handler(CodeOutcome outcome) {
    return switch (outcome) {
      case Failure(var failure, _, _) when failure == FailureClass.INVALID_DEFINITION -> "none";
      case Failure(var failure, var detail, _) -> failure + ": " + detail;
      case Result _, CodeOutcome.Deopt _ -> "";
    };
  }

  private CodeOutcome run(String image, Program program, Json input, Set<Capability> granted)
      throws InterruptedException {
    Instant now = Instant.now();
    var pool = new PoolDefinition("probe", image, 0, 1, 1, 256L << 20);
    return containers.run(
        new CodeCall(
            program,
            new Home.Pool(TenantId.DEFAULT, "nexus.probe", pool),
            input,
            LIMITS,
            granted,
            new AssignedTask(
                Envelope.of(
                        UUID.randomUUID(), now, TenantId.DEFAULT, "nexus.probe", "service:probe")
                    .withExecution(new ExecutionId(UUID.randomUUID())),
                new TaskAssigned(
                    new TaskKey(1, Role.SERVE, 1),
                    "probe",
                    "",
                    "",
                    "",
                    input,
                    new TaskLimits(now, LIMITS.time(), LIMITS.time())))));
  }

  @Override
  public void close() {
    containers.close();
  }
}
