package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.testkit.NeedsTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The official TypeScript clients of both generations against the gateway.
@NeedsTool({"node", "npm"})
class McpClientIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final Path SOURCES = Path.of("src/test/npm");
  private static final Path CLIENTS = Path.of("target/npm");

  @BeforeAll
  static void prepare() throws Exception {
    platform.apply("lab");
    Files.createDirectories(CLIENTS);
    for (String name : List.of("package.json", "package-lock.json", "client.mjs")) {
      Files.copy(SOURCES.resolve(name), CLIENTS.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
    run(
        "",
        "npm",
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
        "--loglevel=error");
  }

  @ParameterizedTest
  @CsvSource({"v1, legacy, legacy", "v2, legacy, legacy", "v2, auto, modern"})
  void shouldListAndCallTools(String generation, String mode, String era) throws Exception {
    // When
    JsonNode answer =
        session(
            generation,
            mode,
            "/mcp",
            call("lab.greet", "{\"name\": \"Ada\", \"times\": 2}"),
            call("lab.count", "{\"input\": \"four\"}"),
            call("lab.echo", "{\"deep\": {\"list\": [1, 2.5, null]}}"));
    // Then
    assertThat(answer.path("era").asText()).isEqualTo(era);
    assertThat(answer.path("server").path("name").asText()).isEqualTo("nexus");
    assertThat(names(answer)).contains("lab.count", "lab.echo", "lab.greet").isSorted();
    assertThat(result(answer, 0).path("structuredContent").path("greeting").asText())
        .isEqualTo("Hello, Hello, Ada!");
    assertThat(result(answer, 1).path("structuredContent").path("result").asInt()).isEqualTo(4);
    assertThat(result(answer, 1).path("content").get(0).path("text").asText()).isEqualTo("4");
    assertThat(result(answer, 2).path("structuredContent").path("deep").path("list").size())
        .isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"v1, legacy", "v2, auto"})
  void shouldTellTheModelWhatItDidWrong(String generation, String mode) throws Exception {
    // When
    JsonNode answer =
        session(
            generation,
            mode,
            "/mcp/lab",
            call("greet", "{\"name\": \"\", \"times\": 9}"),
            call("broken", "{}"),
            call("gret", "{}"));
    // Then
    JsonNode violation = result(answer, 0);
    assertThat(violation.path("isError").asBoolean()).isTrue();
    assertThat(violation.path("content").get(0).path("text").asText())
        .contains("/name")
        .contains("/times");
    JsonNode failure = result(answer, 1);
    assertThat(failure.path("isError").asBoolean()).isTrue();
    assertThat(failure.path("content").get(0).path("text").asText()).contains("on purpose");
    JsonNode unknown = answer.path("results").get(2).path("error");
    assertThat(unknown.path("code").asInt()).isEqualTo(-32602);
    assertThat(unknown.path("message").asText()).contains("did you mean greet?");
  }

  @Test
  void shouldListManyToolsInPages() throws Exception {
    // Given
    StringBuilder definition =
        new StringBuilder("appId: wide\ndisplayName: Wide\nversion: 1.0.0\ncomponents:\n");
    for (int i = 0; i < 230; i++) {
      definition.append(
          "  - componentId: c%03d%n    handlerType: BUILTIN%n    taskDetails: {function: echo}%n"
              .formatted(i));
    }
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files").put("app_definition.yaml", definition.toString());
    platform.apply("wide", body);
    // When
    JsonNode answer = session("v2", "auto", "/mcp/wide");
    // Then
    assertThat(answer.path("tools")).hasSize(230);
    assertThat(names(answer)).isSorted().doesNotHaveDuplicates();
  }

  private static JsonNode session(String generation, String mode, String path, ObjectNode... calls)
      throws Exception {
    ObjectNode asked = JsonNodeFactory.instance.objectNode();
    asked.put("generation", generation);
    asked.put("mode", mode);
    asked.put("url", platform.url() + path);
    asked.put("key", platform.operatorKey());
    asked.putArray("calls").addAll(List.of(calls));
    JsonNode answer = CanonicalJson.read(run(asked.toString(), "node", "client.mjs"));
    assertThat(answer.path("failure").isMissingNode()).as(answer.toString()).isTrue();
    return answer;
  }

  private static ObjectNode call(String tool, String arguments) {
    ObjectNode call = JsonNodeFactory.instance.objectNode();
    call.put("name", tool);
    call.set("arguments", CanonicalJson.read(arguments));
    return call;
  }

  private static JsonNode result(JsonNode answer, int index) {
    JsonNode one = answer.path("results").path(index);
    assertThat(one.has("result")).as(one.toString()).isTrue();
    return one.path("result");
  }

  private static List<String> names(JsonNode answer) {
    List<String> names = new ArrayList<>();
    answer.path("tools").forEach(tool -> names.add(tool.path("name").asText()));
    return names;
  }

  /// Runs a program beside the clients; gives what it prints.
  private static String run(String input, String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(CLIENTS.toFile())
            .redirectError(CLIENTS.resolve("errors.txt").toFile())
            .start();
    try (var out = process.outputWriter(StandardCharsets.UTF_8)) {
      out.write(input);
    } catch (IOException e) {
      // npm does not read
    }
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(
          String.join(" ", command)
              + " failed: "
              + printed
              + Files.readString(CLIENTS.resolve("errors.txt")));
    }
    return printed;
  }
}
