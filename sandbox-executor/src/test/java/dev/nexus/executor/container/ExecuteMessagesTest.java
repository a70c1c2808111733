package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program;
import dev.nexus.executor.code.Program.Command;
import dev.nexus.executor.code.Program.ImageHandler;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.http.Answer;
import dev.nexus.platform.call.SchemaChecks;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExecuteMessagesTest {
  private final SchemaChecks schemas = new SchemaChecks();

  private static JsonNode schema(String name) throws IOException {
    try (InputStream file =
        Objects.requireNonNull(ExecuteMessages.class.getResourceAsStream(name))) {
      return CanonicalJson.read(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private List<?> faults(String schema, String message) throws IOException {
    return schemas.check(schema, schema(schema), CanonicalJson.read(message));
  }

  private static CodeCall call(Program program) {
    return call(program, Set.of(Capability.TOOLS));
  }

  private static CodeCall call(Program program, Set<Capability> granted) {
    return new CodeCall(
        program,
        new Home.Pool(TenantId.DEFAULT, "shop", new PoolDefinition("p", "", 0, 1, 1, 256L << 20)),
        new Json("{\"n\":1.50,\"deep\":[null,\"\\u00e4\"]}"),
        CodeLimits.DEFAULT,
        granted,
        Samples.task("work", "{}"));
  }

  @Test
  void shouldAskAsTheSchemaSays() throws Exception {
    for (Program program :
        List.of(
            new Script(TenantId.DEFAULT, Language.PYTHON, "def handle(i): return 1"),
            new Script(TenantId.DEFAULT, Language.JAVASCRIPT, "function handle(i) {}"),
            new ImageHandler(TenantId.DEFAULT),
            new Command(TenantId.DEFAULT, "/usr/bin/jq", List.of("-n", "1")))) {
      String request =
          new String(ExecuteMessages.request(call(program), "/mcp/1"), StandardCharsets.UTF_8);
      assertThat(faults("execute-request.schema.json", request)).as(request).isEmpty();
      assertThat(CanonicalJson.read(request).path("context").path("mcp_endpoint").asText())
          .isEqualTo("http+unix://%2Frun%2Fnexus%2Fmcp.sock/mcp/1");
    }
  }

  @Test
  void shouldNameTheToolsOfTheStateInBothSpellingsWhereItIsGranted() throws Exception {
    var script = new Script(TenantId.DEFAULT, Language.PYTHON, "def handle(i): return 1");
    for (Set<Capability> granted :
        List.of(Set.of(Capability.STATE), Set.of(Capability.STATE, Capability.TOOLS))) {
      String request =
          new String(
              ExecuteMessages.request(call(script, granted), "/mcp/1"), StandardCharsets.UTF_8);

      assertThat(faults("execute-request.schema.json", request)).as(request).isEmpty();
      JsonNode context = CanonicalJson.read(request).path("context");
      assertThat(context.path("stateConfig").toString())
          .isEqualTo(
              "{\"type\":\"runtime_values\",\"readTool\":\"core.state.get\","
                  + "\"writeTool\":\"core.state.set\"}");
      assertThat(context.path("state_config").toString())
          .isEqualTo(
              "{\"type\":\"runtime_values\",\"params\":{\"get\":\"core.state.get\","
                  + "\"set\":\"core.state.set\",\"increment\":\"core.state.increment\","
                  + "\"delete\":\"core.state.delete\"}}");
      assertThat(context.has("mcp_endpoint")).isTrue();
    }
  }

  @Test
  void shouldSayNothingOfStateWhereItIsNotGranted() {
    var script = new Script(TenantId.DEFAULT, Language.PYTHON, "def handle(i): return 1");
    for (Set<Capability> granted :
        List.of(Set.<Capability>of(), Set.of(Capability.TOOLS), Set.of(Capability.CLOCK))) {
      JsonNode context =
          CanonicalJson.read(
                  new String(
                      ExecuteMessages.request(call(script, granted), "/mcp/1"),
                      StandardCharsets.UTF_8))
              .path("context");
      assertThat(context.has("stateConfig")).as("%s", granted).isFalse();
      assertThat(context.has("state_config")).as("%s", granted).isFalse();
    }
  }

  @Test
  void shouldTakeEverySourceAndBothSpellingsOfTheState() throws Exception {
    String request =
        """
        {"requestId": "7d6f1f6c-8d5a-4c52-9d0c-0c3f8e4f6a11", "requestData": %s,
         "context": {"appId": "a", "componentId": "c", %s}}
        """;
    String params = "\"state_config\": {\"type\": \"git_yaml\", \"params\": {}}";
    String tools =
        "\"stateConfig\": {\"type\": \"git_yaml\", \"readTool\": \"core.state.getRuntimeValue\","
            + " \"writeTool\": \"core.state.applyDefinitionDiff\"}";
    for (String data :
        List.of(
            "{\"source\": \"internal\", \"internalDetails\": {\"input\": 1}}",
            "{\"source\": \"http\", \"httpDetails\": {\"method\": \"GET\", \"path\": \"/a\","
                + " \"queryParameters\": {}, \"headers\": {}, \"body\": \"\", \"bodyEncoding\":"
                + " \"utf8\"}}",
            "{\"source\": \"trigger\", \"triggerDetails\": {\"sourceAppId\": \"b\","
                + " \"triggerEvent\": \"e\", \"payload\": {}}}",
            "{\"source\": \"queue\", \"queueDetails\": {\"queueName\": \"q\", \"messageId\": \"m\","
                + " \"payload\": {}}}",
            "{\"source\": \"cron\", \"cronDetails\": {\"jobId\": \"j\", \"scheduledTime\":"
                + " \"2026-01-01T00:00:00Z\"}}")) {
      for (String state : List.of(params, tools)) {
        assertThat(faults("execute-request.schema.json", request.formatted(data, state)))
            .as(data + state)
            .isEmpty();
      }
    }
    assertThat(
            faults(
                "execute-request.schema.json", request.formatted("{\"source\": \"http\"}", params)))
        .isNotEmpty();
  }

  @Test
  void shouldNameACommandInTheConfigurationOfItsCall() throws Exception {
    var command = new Command(TenantId.DEFAULT, "/usr/bin/jq", List.of("-n", "\"$x\" ä"));
    JsonNode request =
        CanonicalJson.read(
            new String(ExecuteMessages.request(call(command), "/mcp/1"), StandardCharsets.UTF_8));

    assertThat(request.at("/context/configuration/command").toString())
        .isEqualTo("{\"path\":\"/usr/bin/jq\",\"args\":[\"-n\",\"\\\"$x\\\" ä\"]}");
    assertThat(request.at("/requestData/internalDetails/code").isMissingNode()).isTrue();
  }

  @Test
  void shouldGiveAResultAsTheCodeWroteIt() throws Exception {
    String answer =
        "{\"requestId\":\"7d6f1f6c-8d5a-4c52-9d0c-0c3f8e4f6a11\",\"resultType\":\"generic\","
            + "\"data\":{\"b\":1,\"a\":[1.5,null,\"ä\"]},"
            + "\"metrics\":{\"execution_time_ms\":0.6,\"mcp_calls\":[]}}";
    assertThat(faults("execute-response.schema.json", answer)).isEmpty();
    CodeOutcome outcome = ExecuteMessages.outcome(answer(answer), CodeLimits.DEFAULT);
    assertThat(outcome).isEqualTo(new Result(new Json("{\"b\":1,\"a\":[1.5,null,\"ä\"]}")));
  }

  /// An answer that is as the schema says.
  private CodeOutcome outcome(String type, String data) throws IOException {
    String answer =
        "{\"requestId\":\"7d6f1f6c-8d5a-4c52-9d0c-0c3f8e4f6a11\",\"resultType\":\"%s\",\"data\":%s,"
                .formatted(type, data)
            + "\"metrics\":{\"execution_time_ms\":0.6,\"mcp_calls\":[]},\"logs\":\"printed\"}";
    assertThat(faults("execute-response.schema.json", answer)).as(answer).isEmpty();
    return ExecuteMessages.outcome(answer(answer), CodeLimits.DEFAULT);
  }

  private static Answer answer(String body) {
    return new Answer(200, List.of(), body.getBytes(StandardCharsets.UTF_8));
  }

  private static String step(String rest) {
    return "{\"workflowId\":\"order\",\"stepId\":\"pay\"," + rest + "}";
  }

  @Test
  void shouldGiveAStepThatCompletedAndAnHttpResponseAsResults() throws Exception {
    String step = step("\"status\":\"completed\",\"output\":{\"paid\":1.50}");
    assertThat(outcome("workflowStep", step)).isEqualTo(new Result(new Json(step), "printed"));
    for (String response :
        List.of("{\"statusCode\":200,\"body\":\"hi\"}", "{\"statusCode\":500,\"headers\":{}}")) {
      assertThat(outcome("httpResponse", response))
          .isEqualTo(new Result(new Json(response), "printed"));
    }
  }

  @Test
  void shouldTakeAStepThatFailedForAFailureOfTheClassThatItNames() throws Exception {
    String failed = "step 'pay' of workflow 'order' failed: ";
    Map<String, Failure> steps =
        Map.of(
            ",\"error\":{\"code\":\"MEMORY\",\"message\":\"full\"}",
            new Failure(FailureClass.MEMORY, failed + "full", "printed"),
            // What only the host can know, or nobody
            ",\"error\":{\"code\":\"LOST\",\"message\":\"gone\"}",
            new Failure(FailureClass.CRASH, failed + "gone", "printed"),
            ",\"error\":{\"reason\":[1]}",
            new Failure(FailureClass.CRASH, failed + "{\"reason\":[1]}", "printed"),
            ",\"error\":\"no card\"",
            new Failure(FailureClass.CRASH, failed + "no card", "printed"),
            ",\"error\":\"ToolError: no answer within 5 s\"",
            new Failure(
                FailureClass.TIMEOUT, failed + "ToolError: no answer within 5 s", "printed"),
            ",\"error\":null",
            new Failure(FailureClass.CRASH, failed + "it does not say why", "printed"),
            "",
            new Failure(FailureClass.CRASH, failed + "it does not say why", "printed"));
    for (var one : steps.entrySet()) {
      assertThat(outcome("workflowStep", step("\"status\":\"failed\"" + one.getKey())))
          .as(one.getKey())
          .isEqualTo(one.getValue());
    }
  }

  @Test
  void shouldKeepAnExcerptOfALongErrorOfAStep() throws Exception {
    String error = "\"status\":\"failed\",\"error\":\"" + "x".repeat(100_000) + "\"";
    var failure = (Failure) outcome("workflowStep", step(error));
    assertThat(failure.detail()).hasSizeLessThan(3_000).startsWith("step 'pay'");
  }

  @Test
  void shouldTakeAStepOfNoKnownStatusForInvalid() {
    for (String rest : List.of("\"output\":1", "\"status\":\"skipped\"", "\"status\":true")) {
      CodeOutcome outcome =
          ExecuteMessages.outcome(
              answer("{\"resultType\":\"workflowStep\",\"data\":" + step(rest) + "}"),
              CodeLimits.DEFAULT);
      assertThat(outcome).isInstanceOf(Failure.class);
      assertThat(((Failure) outcome).failure()).as(rest).isEqualTo(FailureClass.INVALID_RESULT);
      assertThat(((Failure) outcome).detail()).contains("completed or failed expected");
    }
  }

  @Test
  void shouldTakeAnAnswerForItsOwnOnlyByTheIdOfItsRequest() {
    CodeCall call = call(new ImageHandler(TenantId.DEFAULT));
    String id = ExecuteMessages.requestId(call);
    String rest = "\"resultType\":\"generic\",\"data\":1}";

    assertThat(ExecuteMessages.isOf(call, answer("{\"requestId\":\"" + id + "\"," + rest)))
        .isTrue();
    for (String other :
        List.of("{" + rest, "{\"requestId\":null," + rest, "{\"requestId\":\"x\"," + rest, "[]")) {
      assertThat(ExecuteMessages.isOf(call, answer(other))).as(other).isFalse();
    }
  }
}
