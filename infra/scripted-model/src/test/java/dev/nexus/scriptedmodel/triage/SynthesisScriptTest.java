package dev.nexus.scriptedmodel.triage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.scriptedmodel.JsonText;
import io.roastedroot.quickjs4j.core.Runner;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class SynthesisScriptTest {
  private static final TriageCorpus CORPUS = TriageCorpus.load();

  private final SynthesisScript script = new SynthesisScript();

  @Test
  void shouldAnswerUserAsLongAsNoOrganisationIsShown() {
    var source = synthesise(examples(Webhook::fromUsersRepository, 30), List.of());

    assertThat(source).contains("scope: \"user\"").doesNotContain("Organization");
  }

  @Test
  void shouldLearnFromACounterexample() {
    var source =
        synthesise(
            examples(Webhook::fromUsersRepository, 30),
            examples(Webhook::fromOrganisationsRepository, 1));

    assertThat(source).contains("\"Organization\"");
  }

  @Test
  void shouldBeRightAtOnceWhenExamplesAreMixed() {
    var mixed = examples(Webhook::hasRepository, 280);

    assertThat(synthesise(mixed, List.of())).contains("\"Organization\"");
  }

  @Test
  void shouldFindExamplesThatStandAlone() {
    ObjectNode example = example(CORPUS.webhooks().getFirst());

    var answer =
        script.answer(List.of(JsonNodeFactory.instance.arrayNode().add(example))).orElseThrow();

    assertThat(answer.right().path("source").asText()).contains("function handle(input)");
    assertThat(script.recorded()).singleElement().satisfies(s -> assertThat(s.shown()).hasSize(1));
  }

  @Test
  void shouldNotMakeUpCodeForAnotherComponent() {
    var request =
        JsonText.read(
            """
            {"component": "other", "examples": [{"input": {"n": 1}, "output": 2}]}
            """);

    assertThat(script.answer(List.of(request))).isEmpty();
    assertThat(script.recorded()).isEmpty();
  }

  @Test
  void shouldUseNoLiteralOfSealedInputsThatWasNotShown() {
    synthesise(examples(Webhook::fromUsersRepository, 30), List.of());
    synthesise(
        examples(Webhook::fromUsersRepository, 30),
        examples(Webhook::fromOrganisationsRepository, 1));
    List<JsonNode> sealed = CORPUS.webhooks().stream().map(w -> example(w).path("input")).toList();

    assertThat(script.recorded()).hasSize(2);
    for (var synthesis : script.recorded()) {
      assertThat(SealedInputCheck.leaks(synthesis.source(), synthesis.shown(), sealed)).isEmpty();
    }
  }

  @Test
  void shouldBeWrongOnOrganisationsOnlyWithTheFirstCandidate() {
    var results = run(script.candidates().getFirst());

    for (int i = 0; i < results.size(); i++) {
      Webhook webhook = CORPUS.webhooks().get(i);
      if (webhook.fromOrganisationsRepository()) {
        assertThat(results.get(i).path("output")).isNotEqualTo(webhook.truth());
      } else if (webhook.hasRepository()) {
        assertThat(results.get(i).path("output")).isEqualTo(webhook.truth());
      }
    }
  }

  @Test
  void shouldBeRightOnAllWebhooksOrDeclineWithTheSecondCandidate() {
    var results = run(script.candidates().getLast());

    for (int i = 0; i < results.size(); i++) {
      Webhook webhook = CORPUS.webhooks().get(i);
      if (webhook.hasRepository()) {
        assertThat(results.get(i).path("output")).isEqualTo(webhook.truth());
      } else {
        assertThat(results.get(i).path("deopt").asText()).isEqualTo("no repository");
      }
    }
  }

  private String synthesise(List<JsonNode> examples, List<JsonNode> counterexamples) {
    ObjectNode request = JsonNodeFactory.instance.objectNode().put("component", "triage");
    request.putArray("examples").addAll(examples);
    request.putArray("counterexamples").addAll(counterexamples);
    return script.answer(List.of(request)).orElseThrow().right().path("source").asText();
  }

  private static List<JsonNode> examples(Predicate<Webhook> which, int count) {
    return CORPUS.webhooks().stream()
        .filter(which)
        .limit(count)
        .<JsonNode>map(SynthesisScriptTest::example)
        .toList();
  }

  private static ObjectNode example(Webhook webhook) {
    ObjectNode example = JsonNodeFactory.instance.objectNode();
    example.putObject("input").put("event", webhook.event()).set("payload", webhook.payload());
    example.set("output", webhook.truth());
    return example;
  }

  /// Runs a candidate on the whole corpus; a result is `{output}` or `{deopt}`.
  private static List<JsonNode> run(String source) {
    var inputs = JsonNodeFactory.instance.arrayNode();
    CORPUS.webhooks().forEach(webhook -> inputs.add(example(webhook).path("input")));
    String program =
        """
        class Deopt { constructor(reason) { this.reason = reason; } }
        function deopt(reason) { throw new Deopt(reason); }
        %s
        console.log(JSON.stringify(%s.map(input => {
          try {
            return {output: handle(input)};
          } catch (e) {
            if (e instanceof Deopt) { return {deopt: e.reason}; }
            throw e;
          }
        })));
        """
            .formatted(source, JsonText.write(inputs));
    try (var runner = Runner.builder().withTimeoutMs(60_000).build()) {
      runner.compileAndExec(program);
      return List.of(JsonText.read(runner.stdout()).valueStream().toArray(JsonNode[]::new));
    }
  }
}
