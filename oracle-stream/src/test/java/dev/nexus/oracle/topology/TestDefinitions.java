package dev.nexus.oracle.topology;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.oracle.topology.Call.CodeAnswer;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/// Applications of the tests.
final class TestDefinitions {
  static final String APP = "hooks";
  static final String COMPONENT = "triage";

  /// The policy of the sample.
  static final PromotionPolicy POLICY =
      new PromotionPolicy(
          "auto", 0.95, 0.05, 30, 109, 0, Duration.ofSeconds(1), 30, List.of(200, 500), 40, 20, 5);

  private TestDefinitions() {}

  static Version application(String prompt, String truth, PromotionPolicy policy) {
    JsonNode anything = JsonNodeFactory.instance.objectNode();
    var component =
        new ComponentDefinition(
            COMPONENT,
            "sorts webhooks",
            HandlerType.LLM,
            Map.of("promptTemplate", JsonNodeFactory.instance.textNode(prompt)),
            anything,
            anything,
            "equal",
            truth,
            Duration.ofSeconds(30),
            RetryPolicy.DEFAULT,
            policy);
    return version(APP, List.of(component));
  }

  static Version system() {
    return version(SystemApplication.APP, List.of());
  }

  private static Version version(String app, List<ComponentDefinition> components) {
    var application =
        new ApplicationDefinition(
            app, app, "1", components, List.of(), List.of(), Map.<String, JsonNode>of());
    String digest = CanonicalJson.fingerprint(CanonicalJson.toJson(application));
    return new Version(TenantId.DEFAULT, digest, "revision", application);
  }

  /// What the builtin `candidate.evaluate` answers.
  static Json trial(BiFunction<String, Json, CodeAnswer> code, Json request) {
    JsonNode body = CanonicalJson.read(request);
    Json input = new Json(CanonicalJson.write(body.path("input")));
    return switch (code.apply(body.path("source").asText(), input)) {
      case CodeAnswer.Answered(var output) ->
          CanonicalJson.toJson(Map.of("status", "result", "output", CanonicalJson.read(output)));
      case CodeAnswer.Declined(var reason) ->
          CanonicalJson.toJson(Map.of("status", "deopt", "reason", reason));
      case CodeAnswer.Failed(var detail) ->
          CanonicalJson.toJson(Map.of("status", "error", "detail", detail));
    };
  }
}
