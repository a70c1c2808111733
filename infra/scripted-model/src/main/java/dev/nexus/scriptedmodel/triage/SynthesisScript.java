package dev.nexus.scriptedmodel.triage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.scriptedmodel.Script;
import dev.nexus.scriptedmodel.ScriptedAnswer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// Answers requests for code with candidates prepared for webhook-triage, and records what each
/// request showed. A candidate is chosen by the shown examples alone: as long as every repository
/// in them belongs to a user the code says `user`, as a generator that knows no more would.
public final class SynthesisScript implements Script {
  private final String usersOnly = resource("users-only.js");
  private final String byOwner = resource("by-owner.js");
  private final List<Synthesis> recorded = new CopyOnWriteArrayList<>();

  /// A request for code and its answer.
  ///
  /// @param shown examples and counterexamples of the request, inputs and outputs
  public record Synthesis(List<JsonNode> shown, String source) {
    public Synthesis {
      shown = List.copyOf(shown);
    }
  }

  @Override
  public Optional<ScriptedAnswer> answer(List<JsonNode> found) {
    List<JsonNode> shown = found.stream().flatMap(value -> examples(value).stream()).toList();
    if (shown.isEmpty() || !shown.stream().allMatch(SynthesisScript::isTriage)) {
      return Optional.empty();
    }
    boolean organisationSeen =
        shown.stream()
            .map(example -> example.path("input").path("payload"))
            .anyMatch(p -> p.path("repository").isObject() && TriageRule.ofOrganisation(p));
    String source = organisationSeen ? byOwner : usersOnly;
    recorded.add(new Synthesis(shown, source));
    JsonNode answer = JsonNodeFactory.instance.objectNode().put("source", source);
    return Optional.of(
        ScriptedAnswer.always(JsonNodeFactory.instance.arrayNode().addAll(shown), answer));
  }

  /// Every request for code so far, retries included.
  public List<Synthesis> recorded() {
    return List.copyOf(recorded);
  }

  /// Both candidates that this script can give.
  List<String> candidates() {
    return List.of(usersOnly, byOwner);
  }

  /// Examples of a whole request (`examples` and `counterexamples`) or of a list that stands
  /// alone.
  private static List<JsonNode> examples(JsonNode value) {
    var examples = new ArrayList<JsonNode>();
    if (value.isArray()) {
      value.forEach(examples::add);
    } else {
      value.path("examples").forEach(examples::add);
      value.path("counterexamples").forEach(examples::add);
    }
    examples.removeIf(example -> !example.path("input").isObject());
    return examples;
  }

  private static boolean isTriage(JsonNode example) {
    JsonNode input = example.path("input");
    return input.path("event").isTextual() && input.path("payload").isObject();
  }

  private static String resource(String name) {
    String path = "/webhook-triage/candidates/" + name;
    try (InputStream file = SynthesisScript.class.getResourceAsStream(path)) {
      if (file == null) {
        throw new IllegalStateException(path + " is not on the class path");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
