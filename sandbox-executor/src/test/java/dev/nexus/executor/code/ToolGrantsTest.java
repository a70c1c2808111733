package dev.nexus.executor.code;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.Capability;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToolGrantsTest {
  private static final Set<Capability> TOOLS = Set.of(Capability.TOOLS);
  private static final Set<Capability> STATE = Set.of(Capability.STATE);

  @Test
  void shouldGrantValuesByStateAndAllElseByTools() {
    assertThat(ToolGrants.refusal(TOOLS, "shout")).isEmpty();
    assertThat(ToolGrants.refusal(STATE, "core.state.get")).isEmpty();
    assertThat(ToolGrants.refusal(TOOLS, "core.state.get"))
        .hasValueSatisfying(
            words -> assertThat(words).startsWith("state is not").endsWith("has state"));
    assertThat(ToolGrants.refusal(STATE, "shout"))
        .hasValueSatisfying(
            words -> assertThat(words).startsWith("tool is not").endsWith("has tools"));
    assertThat(ToolGrants.refusal(Set.of(Capability.CLOCK), "shout")).isPresent();
    assertThat(ToolGrants.refusal(Set.of(Capability.STATE, Capability.TOOLS), "shout")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"method\":\"resources/read\"}",
        "{\"method\":\"tools/call\",\"params\":{\"name\":\"shout\"}}",
        "{\"method\":\"tools/call\",\"params\":{\"name\":\"core.state.get\",\"name\":\"shout\"}}",
        "{\"method\":\"prompts/get\",\"params\":{\"name\":\"core.state.get\"}}",
        "{\"method\":\"tools/call\",\"params\":[\"core.state.get\"]}",
        "core.state.get",
        "",
      })
  void shouldTakeNoOtherMessageFromCodeThatHasStateAlone(String message) {
    assertThat(ToolGrants.refusal(STATE, message.getBytes(UTF_8))).isPresent();
    assertThat(ToolGrants.refusal(TOOLS, message.getBytes(UTF_8))).isEmpty();
  }

  /// Clients of MCP begin so.
  @ParameterizedTest
  @ValueSource(strings = {"initialize", "ping", "notifications/initialized", "tools/list"})
  void shouldTakeWhatClientsBeginWithFromWhomHasAnyTool(String method) {
    byte[] message = ("{\"method\":\"" + method + "\"}").getBytes(UTF_8);

    assertThat(ToolGrants.refusal(STATE, message)).isEmpty();
    assertThat(ToolGrants.refusal(TOOLS, message)).isEmpty();
    assertThat(ToolGrants.refusal(Set.of(Capability.CLOCK), message)).isPresent();
  }

  @Test
  void shouldTakeItsCallsOfValues() {
    byte[] get =
        "{\"method\":\"tools/call\",\"params\":{\"name\":\"core.state.get\"}}".getBytes(UTF_8);

    assertThat(ToolGrants.refusal(STATE, get)).isEmpty();
    assertThat(ToolGrants.refusal(TOOLS, get)).isPresent();
  }
}
