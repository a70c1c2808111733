package dev.nexus.executor.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Excerpt;
import dev.nexus.event.Json;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.Builtin;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeWork;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Program;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Deoptimised;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.executor.work.WorkResult.Succeeded;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import java.util.Optional;
import java.util.Set;

/// Does tasks of `core.linux.executeCommand`. What an application does not allow is refused here,
/// before any container hears of it.
public final class CommandWork {
  private static final int SHOWN = 200;

  private final CodeWork code;
  private final CommandDenials denials;

  public CommandWork(CodeWork code, CommandDenials denials) {
    this.code = code;
    this.denials = denials;
  }

  public WorkResult perform(
      AssignedTask task, ApplicationDefinition application, ComponentDefinition component)
      throws InterruptedException {
    CommandRequest request;
    try {
      request = CommandRequest.read(CanonicalJson.read(task.body().input()));
    } catch (IllegalArgumentException e) {
      return Failed.of(FailureClass.REFUSED, "input: " + e.getMessage());
    }
    Optional<String> refusal;
    try {
      refusal = new AllowedCommands(application.allowedCommands()).refusal(request);
    } catch (IllegalArgumentException e) {
      return invalid(component, "allowedCommands: " + e.getMessage());
    }
    if (refusal.isPresent()) {
      return denied(task, request, refusal.get());
    }
    Optional<PoolDefinition> pool = application.pool(component.pool());
    if (pool.isEmpty()) {
      return invalid(component, "a pool expected, as commands run in containers only, found none");
    }
    var home = new Home.Pool(task.envelope().tenantId(), application.appId(), pool.get());
    var program =
        new Program.Command(task.envelope().tenantId(), request.command(), request.args());
    return checked(
        component, code.run(task, component, program, home, Set.of(), request.timeout()));
  }

  /// Audited before it is answered: where that cannot be, the task is tried again, and refused
  /// again.
  private WorkResult denied(AssignedTask task, CommandRequest request, String refusal) {
    try {
      denials.denied(task, request.command());
    } catch (RequestNotAcceptedException e) {
      return Failed.of(
          FailureClass.UNREACHABLE, "what is refused cannot be audited now: " + e.getMessage());
    }
    return Failed.of(FailureClass.PERMISSION, refusal);
  }

  private static WorkResult invalid(ComponentDefinition component, String fault) {
    return Failed.of(FailureClass.INVALID_DEFINITION, component.componentId() + ": " + fault);
  }

  /// An image of somebody's own may answer as it likes, and one that knows no commands runs its
  /// handler.
  private static WorkResult checked(ComponentDefinition component, WorkResult result) {
    return switch (result) {
      case Succeeded(var output, _) when !isOutput(output) ->
          invalid(
              component,
              "the image of pool "
                  + component.pool()
                  + " runs no commands: stdout, stderr and exit_code expected, found "
                  + Excerpt.of(output.text(), SHOWN));
      case Deoptimised _ ->
          invalid(
              component,
              "the image of pool "
                  + component.pool()
                  + " runs no commands: "
                  + Builtin.EXECUTE_COMMAND.function()
                  + " declines nothing");
      case Succeeded _, Failed _ -> result;
    };
  }

  private static boolean isOutput(Json output) {
    JsonNode fields = CanonicalJson.read(output);
    return fields.path("stdout").isTextual()
        && fields.path("stderr").isTextual()
        && fields.path("exit_code").isIntegralNumber();
  }
}
