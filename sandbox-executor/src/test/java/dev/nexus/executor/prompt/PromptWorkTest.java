package dev.nexus.executor.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import dev.nexus.event.trace.SpanIds;
import dev.nexus.executor.Samples;
import dev.nexus.executor.model.ModelServer;
import dev.nexus.executor.model.OpenAiChatModel;
import dev.nexus.executor.model.PriceTable;
import dev.nexus.executor.schema.OutputCheck;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.executor.work.WorkResult.Succeeded;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PromptWorkTest {
  private static final String SCHEMA =
      "{\"type\":\"object\",\"required\":[\"scope\"],\"additionalProperties\":false,"
          + "\"properties\":{\"scope\":{\"enum\":[\"user\",\"organization\"]}}}";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private final ModelServer server = new ModelServer();
  private final OpenAiChatModel model =
      new OpenAiChatModel(server.baseUrl(), "", 1, PriceTable.load(""), Clock.systemUTC());
  private final PromptWork work =
      new PromptWork(new TemplateRenderer(), model, "the-default", new OutputCheck());

  @AfterEach
  void close() {
    model.close();
    server.close();
  }

  private static ComponentDefinition component(Map<String, String> details, String schema) {
    return Samples.component("triage", HandlerType.LLM, details, schema);
  }

  private WorkResult perform(ComponentDefinition component) throws InterruptedException {
    return work.perform(Samples.task("triage", "{\"who\":\"ann\"}"), component);
  }

  private static Usage calls(int calls) {
    return new Usage(
        "gpt-4o-mini-2024-07-18", 10 * calls, 5 * calls, 5 * calls, calls, Duration.ZERO);
  }

  @Test
  void shouldAskTheModelAndReturnItsJson() throws InterruptedException {
    server.thenText("```json\n{ \"scope\" : \"user\" }\n```");

    var result =
        perform(component(Map.of("promptTemplate", "Who is {{ who }}?", "model", "m1"), SCHEMA));

    assertThat(result).isEqualTo(new Succeeded(new Json("{\"scope\":\"user\"}"), calls(1)));
    var sent = server.requests().getFirst();
    assertThat(sent.get("model").asText()).isEqualTo("m1");
    assertThat(sent.at("/messages/0/role").asText()).isEqualTo("system");
    assertThat(sent.at("/messages/0/content").asText()).contains("JSON Schema", "organization");
    assertThat(sent.at("/messages/1/content").asText()).isEqualTo("Who is ann?");
  }

  @Test
  void shouldUseTheDefaultModelAndPassParameters() throws InterruptedException {
    server.thenText("1");

    perform(
        component(
            Map.of("promptTemplate", "x", "parameters", "{\"max_tokens\":7,\"seed\":1}"), "{}"));

    var sent = server.requests().getFirst();
    assertThat(sent.get("model").asText()).isEqualTo("the-default");
    assertThat(sent.get("max_tokens").asInt()).isEqualTo(7);
    assertThat(sent.get("messages")).hasSize(1);
  }

  @Test
  void shouldTellTheModelWhatIsWrongAndSumTheUsage() throws InterruptedException {
    server.thenText("sorry, no").thenText("{\"scope\":\"moon\"}").thenText("{\"scope\":\"user\"}");

    var result = perform(component(Map.of("promptTemplate", "x"), SCHEMA));

    assertThat(result).isEqualTo(new Succeeded(new Json("{\"scope\":\"user\"}"), calls(3)));
    assertThat(server.requests().get(1).at("/messages/3/content").asText())
        .contains("the answer is not JSON");
    assertThat(server.requests().get(2).at("/messages/4/content").asText())
        .isEqualTo("{\"scope\":\"moon\"}");
    assertThat(server.requests().get(2).at("/messages/5/content").asText())
        .contains("does not match its JSON Schema", "/scope");
  }

  @Test
  void shouldGiveUpAfterTwoRepairs() throws InterruptedException {
    server.thenText("1").thenText("2").thenText("3").thenText("{\"scope\":\"user\"}");

    Failed failed = (Failed) perform(component(Map.of("promptTemplate", "x"), SCHEMA));

    assertThat(failed.failure()).isEqualTo(FailureClass.INVALID_RESULT);
    assertThat(failed.usage()).isEqualTo(calls(3));
    assertThat(server.requests()).hasSize(3);
  }

  @Test
  void shouldKeepTheUsageWhenARepairFails() throws InterruptedException {
    server.thenText("1").thenStatus(429, Map.of("retry-after", "3"));

    Failed failed = (Failed) perform(component(Map.of("promptTemplate", "x"), SCHEMA));

    assertThat(failed.failure()).isEqualTo(FailureClass.RATE_LIMITED);
    assertThat(failed.retryAfter()).isEqualTo(Duration.ofSeconds(3));
    assertThat(failed.usage().promptTokens()).isEqualTo(10);
    assertThat(failed.usage().modelCalls()).isEqualTo(2);
  }

  /// Whoever tells the span of these calls knows its id from the same task.
  @Test
  void shouldAskUnderTheSpanOfItsTask() throws InterruptedException {
    server.thenText("1").thenText("{\"scope\":\"user\"}");
    AssignedTask task = traced("01");

    work.perform(task, component(Map.of("promptTemplate", "x"), SCHEMA));

    String span = SpanIds.ofChat(task.execution().toString(), Samples.SERVE);
    assertThat(server.headers())
        .hasSize(2)
        .allSatisfy(
            sent ->
                assertThat(sent.get("traceparent"))
                    .containsExactly("00-" + TRACE + "-" + span + "-01"));
  }

  @Test
  void shouldTellTheModelThatTheCallerDoesNotRecord() throws InterruptedException {
    server.thenText("{\"scope\":\"user\"}");

    work.perform(traced("00"), component(Map.of("promptTemplate", "x"), SCHEMA));

    assertThat(server.headers().getFirst().getFirst("traceparent"))
        .startsWith("00-" + TRACE + "-")
        .endsWith("-00");
  }

  private static AssignedTask traced(String flags) {
    AssignedTask task = Samples.task("triage", "{\"who\":\"ann\"}");
    var envelope = task.envelope();
    return new AssignedTask(
        envelope.causedBy(
            envelope.eventId(),
            envelope.correlationId(),
            "00-" + TRACE + "-b7ad6b7169203331-" + flags),
        task.body());
  }

  @Test
  void shouldReturnTextAsAJsonString() throws InterruptedException {
    server.thenText("a \"quoted\" word");

    var result = perform(component(Map.of("promptTemplate", "x", "outputFormat", "text"), SCHEMA));

    assertThat(((Succeeded) result).output()).isEqualTo(new Json("\"a \\\"quoted\\\" word\""));
  }

  @Test
  void shouldNotCallTheModelForATemplateThatCannotBeRendered() throws InterruptedException {
    Failed failed = (Failed) perform(component(Map.of("promptTemplate", "{{ whoo }}"), SCHEMA));

    assertThat(failed.failure()).isEqualTo(FailureClass.INVALID_DEFINITION);
    assertThat(failed.detail())
        .contains("triage: template line 1: unknown variable 'whoo' (did you mean 'who'?)");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void shouldAskForATemplate() throws InterruptedException {
    assertThat(((Failed) perform(component(Map.of(), "{}"))).detail())
        .contains("taskDetails.promptTemplate expected");
  }
}
