package dev.nexus.event.definition;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.NameIds;
import dev.nexus.event.task.Lane;
import java.time.Duration;
import java.util.Map;

/// One component of an application, normalised: every default is filled in.
///
/// @param taskDetails what the handler needs: `LLM` promptTemplate, model, parameters; `JIT`
///     language, script; `BUILTIN` function
/// @param inputSchema JSON Schema of the input; an empty object accepts everything
/// @param outputSchema JSON Schema of the output
/// @param comparator how outputs are compared: `equal` compares canonical JSON
/// @param truth what decides a comparison: `reported` (dev.nexus.truth events) or `model`
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
    PromotionPolicy promotion) {

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
      case JIT, BUILTIN, WORKFLOW -> Lane.CODE;
      case TOOL -> Lane.TOOL;
    };
  }

  /// A text of `taskDetails`, or "" when it is absent.
  public String detail(String name) {
    JsonNode node = taskDetails.get(name);
    return node == null || node.isNull() ? "" : node.asText();
  }

  /// SHA-256 of what makes answers comparable: prompt, model and parameters, schemas, comparator
  /// and truth. Evidence and routes hold for one identity only.
  public String identityDigest() {
    StringBuilder identity = new StringBuilder(handlerType.name());
    taskDetails.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            e ->
                identity
                    .append('\n')
                    .append(e.getKey())
                    .append('=')
                    .append(CanonicalJson.write(e.getValue())));
    identity.append("\nin=").append(CanonicalJson.write(inputSchema));
    identity.append("\nout=").append(CanonicalJson.write(outputSchema));
    identity.append("\ncomparator=").append(comparator).append("\ntruth=").append(truth);
    return NameIds.sha256(identity.toString());
  }
}
