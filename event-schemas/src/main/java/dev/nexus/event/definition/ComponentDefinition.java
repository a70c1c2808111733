package dev.nexus.event.definition;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.NameIds;
import dev.nexus.event.task.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// One component of an application, normalised: every default is filled in.
///
/// @param taskDetails what the handler needs: `LLM` promptTemplate, model, parameters; `JIT`
///     language, script, capabilities; `BUILTIN` function
/// @param inputSchema JSON Schema of the input; an empty object accepts everything
/// @param outputSchema JSON Schema of the output
/// @param comparator how outputs are compared: `equal` compares canonical JSON
/// @param truth what decides a comparison: `reported` (dev.nexus.truth events) or `model`
/// @param pool pool of the application in whose containers the script of a `JIT` component runs, or
///     the commands of a `BUILTIN` one; "" when it runs without one, and then left out of the JSON,
///     whose digest names the version
public record ComponentDefinition(
    String componentId,
    String description,
    HandlerType handlerType,
    Map<String, JsonNode> taskDetails,
    JsonNode inputSchema,
    JsonNode outputSchema,
    String comparator,
    String truth,
    Duration timeout,
    RetryPolicy retry,
    PromotionPolicy promotion,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) String pool) {
  private static final String INPUT = "in";
  private static final String OUTPUT = "out";
  private static final String COMPARATOR = "comparator";
  private static final String TRUTH = "truth";

  /// The detail that [#capabilities] reads: a list of their names.
  public static final String CAPABILITIES = "capabilities";

  /// Versions published before there were pools lack it.
  public ComponentDefinition {
    pool = Objects.requireNonNullElse(pool, "");
  }

  /// One whose work runs in no pool.
  public ComponentDefinition(
      String componentId,
      String description,
      HandlerType handlerType,
      Map<String, JsonNode> taskDetails,
      JsonNode inputSchema,
      JsonNode outputSchema,
      String comparator,
      String truth,
      Duration timeout,
      RetryPolicy retry,
      PromotionPolicy promotion) {
    this(
        componentId,
        description,
        handlerType,
        taskDetails,
        inputSchema,
        outputSchema,
        comparator,
        truth,
        timeout,
        retry,
        promotion,
        "");
  }

  /// Retries of one task: `initialBackoff` doubles up to `maxBackoff`; `maxAttempts` counts the
  /// first.
  public record RetryPolicy(int maxAttempts, Duration initialBackoff, Duration maxBackoff) {
    public static final RetryPolicy DEFAULT =
        new RetryPolicy(5, Duration.ofMillis(200), Duration.ofSeconds(20));

    /// Wait before the attempt after `attempt`.
    public Duration backoffAfter(int attempt) {
      Duration wait = initialBackoff.multipliedBy(1L << Math.min(attempt - 1, 20));
      return wait.compareTo(maxBackoff) > 0 ? maxBackoff : wait;
    }
  }

  /// The lane this component's own work runs on.
  public Lane lane() {
    return switch (handlerType) {
      case LLM -> Lane.MODEL;
      case JIT -> pool.isEmpty() ? Lane.CODE : Lane.CONTAINER;
      case BUILTIN -> runsCommands() ? Lane.CONTAINER : Lane.CODE;
      case WORKFLOW -> Lane.CODE;
      case TOOL -> Lane.TOOL;
    };
  }

  /// Whether it is `core.linux.executeCommand`.
  public boolean runsCommands() {
    return handlerType == HandlerType.BUILTIN
        && detail("function").equals(Builtin.EXECUTE_COMMAND.function());
  }

  /// A text of `taskDetails`, or "" when it is absent.
  public String detail(String name) {
    JsonNode node = taskDetails.get(name);
    return node == null || node.isNull() ? "" : node.asText();
  }

  /// What its code may ask for.
  public Set<Capability> capabilities() {
    Set<Capability> granted = EnumSet.noneOf(Capability.class);
    JsonNode named = taskDetails.get(CAPABILITIES);
    if (named != null) {
      named.forEach(name -> Capability.named(name.asText()).ifPresent(granted::add));
    }
    return granted;
  }

  /// SHA-256 of what makes answers comparable: prompt, model and parameters, schemas, comparator
  /// and truth. Evidence and routes hold for one identity only. The pool is no part of it: code
  /// does not become other code by where it runs, so what is known of it stays when it moves.
  public String identityDigest() {
    StringBuilder identity = new StringBuilder(handlerType.name());
    identityParts()
        .forEach((name, text) -> identity.append('\n').append(name).append('=').append(text));
    return NameIds.sha256(identity.toString());
  }

  /// What of the identity differs from that of `before`, in words such as `the prompt`; empty when
  /// it is the same identity.
  public List<String> changesSince(ComponentDefinition before) {
    Map<String, String> now = identityParts();
    Map<String, String> then = before.identityParts();
    Set<String> names = new LinkedHashSet<>(then.keySet());
    names.addAll(now.keySet());
    List<String> changes = new ArrayList<>();
    if (handlerType != before.handlerType) {
      changes.add("the handler");
    }
    names.stream()
        .filter(name -> !Objects.equals(now.get(name), then.get(name)))
        .map(ComponentDefinition::inWords)
        .forEach(changes::add);
    return List.copyOf(changes);
  }

  /// What the identity is made of, by name, in the order in which it is hashed.
  private Map<String, String> identityParts() {
    Map<String, String> parts = new LinkedHashMap<>();
    new TreeMap<>(taskDetails)
        .forEach((name, value) -> parts.put(name, CanonicalJson.write(value)));
    parts.put(INPUT, CanonicalJson.write(inputSchema));
    parts.put(OUTPUT, CanonicalJson.write(outputSchema));
    parts.put(COMPARATOR, comparator);
    parts.put(TRUTH, truth);
    return parts;
  }

  private static String inWords(String part) {
    return switch (part) {
      case "promptTemplate" -> "the prompt";
      case "model" -> "the model";
      case "parameters" -> "the model's parameters";
      case INPUT -> "the input schema";
      case OUTPUT -> "the output schema";
      case COMPARATOR -> "the comparator";
      case TRUTH -> "what decides a comparison";
      default -> part;
    };
  }
}
