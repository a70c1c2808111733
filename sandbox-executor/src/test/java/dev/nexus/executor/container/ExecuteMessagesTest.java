package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
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
    return new CodeCall(
        program,
        new Home.Pool(TenantId.DEFAULT, "shop", new PoolDefinition("p", "", 0, 1, 1, 256L << 20)),
        new Json("{\"n\":1.50,\"deep\":[null,\"\\u00e4\"]}"),
        CodeLimits.DEFAULT,
        Set.of(Capability.TOOLS),
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
    CodeOutcome outcome =
        ExecuteMessages.outcome(
            new Answer(200, List.of(), answer.getBytes(StandardCharsets.UTF_8)),
            CodeLimits.DEFAULT);
    assertThat(outcome).isEqualTo(new Result(new Json("{\"b\":1,\"a\":[1.5,null,\"ä\"]}")));
  }
}
