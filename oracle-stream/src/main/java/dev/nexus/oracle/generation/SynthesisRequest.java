package dev.nexus.oracle.generation;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the generator is asked: the input of component `synthesize` of application `nexus.oracle`.
///
/// @param examples inputs with their right answers, the same for every candidate of an identity
/// @param counterexamples inputs that earlier candidates got wrong or declined
public record SynthesisRequest(
    ComponentDefinition component,
    int candidateNumber,
    List<Example> examples,
    List<Counterexample> counterexamples) {

  /// Characters of a request: in any alphabet it then fits into a record. What does not fit is left
  /// out, counterexamples first.
  public static final int MOST_CHARACTERS = 700_000;

  /// Names and punctuation around the values of one example.
  private static final int AROUND = 60;

  private static final String CONTRACT =
      """
      Write one JavaScript program (ES2020, no imports, no input or output, no clock, no random \
      numbers) that declares function handle(input). handle gets the input as a parsed JSON value \
      and returns the output as a JSON value. It is called once an input and keeps nothing between \
      calls. Where the examples do not show what to answer, call deopt("reason"): the model then \
      answers that input. Never guess.""";

  /// An input with its right answer.
  public record Example(Json input, Json output) {
    int characters() {
      return input.text().length() + output.text().length() + AROUND;
    }
  }

  /// @param declined whether the earlier candidate declined it; else its answer was wrong
  public record Counterexample(Json input, Json output, boolean declined) {
    int characters() {
      return input.text().length() + output.text().length() + AROUND;
    }
  }

  public SynthesisRequest {
    examples = List.copyOf(examples);
    counterexamples = List.copyOf(counterexamples);
  }

  /// The request with what fits into it, in order: examples, then counterexamples. An example that
  /// is too large for what is left gives way to the next. Empty when not even one fits.
  public static Optional<SynthesisRequest> fitting(
      ComponentDefinition component,
      int candidateNumber,
      List<Example> examples,
      List<Counterexample> counterexamples) {
    var bare = new SynthesisRequest(component, candidateNumber, List.of(), List.of());
    long left = (long) MOST_CHARACTERS - bare.toJson().text().length();
    List<Example> shown = new ArrayList<>();
    for (Example example : examples) {
      if (example.characters() <= left) {
        shown.add(example);
        left -= example.characters();
      }
    }
    List<Counterexample> failed = new ArrayList<>();
    for (Counterexample counterexample : counterexamples) {
      if (counterexample.characters() <= left) {
        failed.add(counterexample);
        left -= counterexample.characters();
      }
    }
    return shown.isEmpty()
        ? Optional.empty()
        : Optional.of(new SynthesisRequest(component, candidateNumber, shown, failed));
  }

  public Json toJson() {
    return CanonicalJson.toJson(
        new Body(
            component.componentId(),
            component.description(),
            component.detail("promptTemplate"),
            component.inputSchema(),
            component.outputSchema(),
            CONTRACT,
            new Shown(
                candidateNumber,
                examples.stream().map(e -> Pair.of(e.input(), e.output())).toList(),
                counterexamples.stream()
                    .map(
                        c ->
                            new FailedPair(
                                CanonicalJson.read(c.input()),
                                CanonicalJson.read(c.output()),
                                c.declined() ? "declined" : "wrong"))
                    .toList())));
  }

  private record Body(
      String component,
      String description,
      String prompt,
      JsonNode inputSchema,
      JsonNode outputSchema,
      String contract,
      @JsonUnwrapped Shown shown) {}

  private record Shown(int candidate, List<Pair> examples, List<FailedPair> counterexamples) {}

  private record Pair(JsonNode input, JsonNode output) {
    static Pair of(Json input, Json output) {
      return new Pair(CanonicalJson.read(input), CanonicalJson.read(output));
    }
  }

  private record FailedPair(JsonNode input, JsonNode output, String candidateWas) {}
}
