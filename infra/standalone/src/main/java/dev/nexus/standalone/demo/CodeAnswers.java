package dev.nexus.standalone.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// What candidates answered in their trial runs, which are executions of the oracle's own
/// application: its input is the code and the input to run it on.
final class CodeAnswers {
  private static final String TRIAL = "evaluate";

  private final Map<String, String> trialOf = new HashMap<>();
  private final Map<String, String> said = new HashMap<>();
  private final Map<String, JsonNode> outputs = new HashMap<>();

  /// Takes a fact of the oracle's own application.
  void apply(Event<ExecutionEvent> fact) {
    String execution = fact.envelope().executionId();
    if (fact.body() instanceof ExecutionAccepted accepted && accepted.component().equals(TRIAL)) {
      JsonNode run = CanonicalJson.read(accepted.input());
      String hash = NameIds.sha256(run.path("source").asText());
      trialOf.put(execution, key(hash, fingerprint(run.path("input"))));
    } else if (fact.body() instanceof ExecutionSucceeded(var output, _)) {
      ended(execution, CanonicalJson.read(output));
    } else if (fact.body() instanceof ExecutionFailed failed) {
      failed(execution, failed.detail());
    }
  }

  private void ended(String execution, JsonNode result) {
    String trial = trialOf.remove(execution);
    if (trial == null) {
      return;
    }
    String status = result.path("status").asText();
    if (status.equals("result")) {
      outputs.put(trial, result.path("output"));
    } else if (status.equals("deopt")) {
      said.put(trial, "code declined it: " + result.path("reason").asText());
    } else {
      said.put(trial, "code failed: " + result.path("detail").asText());
    }
  }

  private void failed(String execution, String detail) {
    String trial = trialOf.remove(execution);
    if (trial != null) {
      said.put(trial, "code failed: " + detail);
    }
  }

  /// How the code's answer to an input differs from the right one; empty when no trial run of it is
  /// known.
  Optional<String> against(Json right, String candidateHash, String fingerprint) {
    String trial = key(candidateHash, fingerprint);
    JsonNode output = outputs.get(trial);
    return output == null
        ? Optional.ofNullable(said.get(trial))
        : Optional.of(difference(output, CanonicalJson.read(right)));
  }

  /// How two outputs differ: for objects, the fields in which they do.
  static String difference(JsonNode found, JsonNode right) {
    if (!found.isObject() || !right.isObject()) {
      return "code said " + text(found) + ", right is " + text(right);
    }
    var names = new TreeSet<String>();
    found.fieldNames().forEachRemaining(names::add);
    right.fieldNames().forEachRemaining(names::add);
    List<String> said = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (String name : names) {
      if (!found.path(name).equals(right.path(name))) {
        said.add(name + "=" + text(found.path(name)));
        expected.add(text(right.path(name)));
      }
    }
    return "code said "
        + String.join(" and ", said)
        + ", right is "
        + String.join(" and ", expected);
  }

  private static String text(JsonNode value) {
    return value.isMissingNode()
        ? "nothing"
        : value.isTextual() ? value.asText() : CanonicalJson.write(value);
  }

  private static String fingerprint(JsonNode input) {
    return CanonicalJson.fingerprint(new Json(CanonicalJson.write(input)));
  }

  private static String key(String candidateHash, String fingerprint) {
    return candidateHash + "/" + fingerprint;
  }
}
