package dev.nexus.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskEvent.TaskLimits;
import dev.nexus.event.task.TaskKey;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeRunner;
import dev.nexus.executor.dispatch.Definitions;
import dev.nexus.executor.dispatch.Sandboxes;
import dev.nexus.executor.wasm.WasmCode;
import dev.nexus.executor.work.AssignedTask;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Tasks and definitions for tests.
public final class Samples {
  public static final String APP = "shop";
  public static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);

  /// Runs code in this process; no container can be had.
  public static final CodeRunner IN_PROCESS =
      new Sandboxes(new WasmCode(), _ -> new Failure(FailureClass.REFUSED, "no engine"));

  private Samples() {}

  public static ComponentDefinition component(
      String id, HandlerType type, Map<String, String> details, String outputSchema) {
    Map<String, JsonNode> nodes = new java.util.TreeMap<>();
    details.forEach(
        (name, value) ->
            nodes.put(
                name,
                name.equals("parameters") ? CanonicalJson.read(value) : TextNode.valueOf(value)));
    return new ComponentDefinition(
        id,
        "",
        type,
        nodes,
        CanonicalJson.read("{}"),
        CanonicalJson.read(outputSchema),
        "equal",
        "model",
        Duration.ofSeconds(30),
        RetryPolicy.DEFAULT,
        PromotionPolicy.OFF);
  }

  /// The same component in a pool.
  public static ComponentDefinition contained(ComponentDefinition component, String pool) {
    return new ComponentDefinition(
        component.componentId(),
        component.description(),
        component.handlerType(),
        component.taskDetails(),
        component.inputSchema(),
        component.outputSchema(),
        component.comparator(),
        component.truth(),
        component.timeout(),
        component.retry(),
        component.promotion(),
        pool);
  }

  public static ApplicationDefinition application(ComponentDefinition... components) {
    return new ApplicationDefinition(
        APP, "Shop", "1", List.of(components), List.of(), List.of(), Map.of());
  }

  /// Definitions that are all known from the start.
  public static Definitions definitions(ApplicationDefinition application) {
    return new Definitions() {
      @Override
      public Optional<ApplicationDefinition> known(AssignedTask task) {
        return Optional.of(application);
      }

      @Override
      public Optional<ApplicationDefinition> awaited(AssignedTask task) {
        return Optional.of(application);
      }
    };
  }

  public static AssignedTask task(String component, String input) {
    return task(component, input, "", "", Duration.ofSeconds(10));
  }

  public static AssignedTask candidate(String component, String input, String source) {
    return task(component, input, source, NameIds.sha256(source), Duration.ofSeconds(10));
  }

  public static AssignedTask task(
      String component, String input, String source, String hash, Duration timeout) {
    Instant now = Instant.now();
    Envelope envelope =
        Envelope.of(UUID.randomUUID(), now, TenantId.DEFAULT, APP, "service:router")
            .withExecution(new ExecutionId(UUID.randomUUID()));
    return new AssignedTask(
        envelope,
        new TaskAssigned(
            SERVE,
            component,
            "digest",
            hash,
            source,
            new Json(input),
            new TaskLimits(now.plusSeconds(600), Duration.ofSeconds(30), timeout)));
  }
}
