package dev.nexus.executor.container;

import dev.nexus.event.Envelope;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
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
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program;
import dev.nexus.executor.code.Program.ImageHandler;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.work.AssignedTask;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.UUID;

/// Tries an image as a pool would run it, under all limits.
public final class ImageProbe implements AutoCloseable {
  private static final Json INPUT = new Json("{\"n\":1}");
  private static final Json OUTPUT = new Json("{\"got\":2}");
  private static final CodeLimits LIMITS =
      new CodeLimits(Duration.ofSeconds(30), 64 << 20, CodeLimits.DEFAULT.outputBytes());

  private final Containers containers;

  /// What an image can do.
  ///
  /// @param languages what came of a script in each, "" where it was answered right
  /// @param ownHandler what came of a call without a script, "" where a handler answered; "none"
  ///     where there is none
  /// @param firstAnswer time from nothing to the first answer
  /// @param nextAnswer time of a later one
  public record Report(
      Map<Language, String> languages,
      String ownHandler,
      Duration firstAnswer,
      Duration nextAnswer) {
    /// Whether a pool can use it.
    public boolean usable() {
      return languages.containsValue("") || ownHandler.isEmpty();
    }
  }

  public ImageProbe(Containers.Options options) {
    this.containers = Containers.untold(options);
  }

  public Report check(String image) throws InterruptedException {
    Map<Language, String> languages = new EnumMap<>(Language.class);
    long begun = System.nanoTime();
    CodeOutcome own = run(image, new ImageHandler(TenantId.DEFAULT), new Json("null"));
    Duration first = since(begun);
    Duration next = first;
    for (Language language : Language.values()) {
      begun = System.nanoTime();
      languages.put(
          language,
          words(run(image, new Script(TenantId.DEFAULT, language, echo(language)), INPUT)));
      Duration took = since(begun);
      next = took.compareTo(next) < 0 ? took : next;
    }
    return new Report(languages, handler(own), first, next);
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

  private CodeOutcome run(String image, Program program, Json input) throws InterruptedException {
    Instant now = Instant.now();
    var pool = new PoolDefinition("probe", image, 0, 1, 1, 256L << 20);
    return containers.run(
        new CodeCall(
            program,
            new Home.Pool(TenantId.DEFAULT, "nexus.probe", pool),
            input,
            LIMITS,
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
