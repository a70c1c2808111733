package dev.nexus.mcp.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.mcp.protocol.Tool;
import dev.nexus.mcp.protocol.ToolCall;
import dev.nexus.mcp.protocol.ToolResult;
import dev.nexus.mcp.protocol.Toolbox;
import dev.nexus.mcp.protocol.UnknownToolException;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.admission.BacklogView;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.RuntimeValues;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.http.Problem;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What tools of values make of their arguments, and of answers. Whether values are kept is tried
/// where there is an owner of them.
class StateToolsTest {
  private static final Origin ORIGIN =
      new Origin(TenantId.DEFAULT, "execution:e/1", "mcp", "", Instant.MAX);

  /// Notes what is asked; `a` is there, and changes of `x` are refused.
  private static final class Noted implements RuntimeValues {
    private final List<String> asked = new ArrayList<>();

    private void note(String what, ValueName name, Object... more) {
      asked.add(
          what + " " + name.appId() + " " + name.key() + " " + name.idempotencyKey().orElse("-"));
      for (Object one : more) {
        asked.add(one.toString());
      }
      if (name.key().equals("x")) {
        throw Problem.of(HttpStatus.CONFLICT, "version-conflict", "version 7 expected, found 9")
            .with("foundVersion", "9")
            .exception();
      }
    }

    @Override
    public Optional<Value> get(ValueName name) {
      note("get", name);
      return name.key().equals("a")
          ? Optional.of(
              new Value(new Json("[1]"), 4, Optional.of(Instant.parse("2026-01-02T03:04:05Z"))))
          : Optional.empty();
    }

    @Override
    public Changed set(ValueName name, Json content, Terms terms) {
      note("set", name, content.text(), terms);
      return new Changed(new Json("null"), 5, Optional.empty());
    }

    @Override
    public Changed increment(ValueName name, long by, Terms terms) {
      note("increment", name, by, terms);
      return new Changed(new Json("12"), 6, Optional.empty());
    }

    @Override
    public boolean delete(ValueName name, long expectedVersion) {
      note("delete", name, expectedVersion);
      return name.key().equals("a");
    }

    @Override
    public Page list(Origin origin, String appId, String prefix, String after, int most) {
      throw new UnsupportedOperationException();
    }
  }

  private static final class Components implements Toolbox {
    @Override
    public String instructions() {
      return "components";
    }

    @Override
    public List<Tool> tools() {
      return List.of("a", "core.state.get", "z").stream()
          .map(
              name -> new Tool(name, "a component", "", CanonicalJson.read("{}"), Optional.empty()))
          .toList();
    }

    @Override
    public ToolResult call(ToolCall call) {
      return new ToolResult(false, "of a component", Optional.empty(), Map.of());
    }
  }

  private final Noted values = new Noted();
  private final ApplicationServer server =
      new ApplicationServer(
          new Components(),
          new StateTools(
              values,
              Admission.of(
                  Settings.of(Map.of()),
                  new BacklogView(100, System::nanoTime),
                  Optional::empty,
                  new SimpleMeterRegistry())),
          ORIGIN,
          "shop");

  private ToolResult call(String tool, String arguments) {
    JsonNode meta = CanonicalJson.read("{\"dev.nexus/idempotencyKey\":\"once\"}");
    return server.call(
        new ToolCall("core.state." + tool, (ObjectNode) CanonicalJson.read(arguments), meta));
  }

  @Test
  void shouldListThemAmongItsComponents() {
    assertThat(server.tools())
        .extracting(Tool::name)
        .containsExactly(
            "a",
            "core.state.delete",
            "core.state.get",
            "core.state.increment",
            "core.state.set",
            "z");
    Tool set = server.tools().get(4);
    assertThat(set.inputSchema().path("required").toString()).isEqualTo("[\"key\",\"value\"]");
    assertThat(set.inputSchema().path("properties").path("ttlSeconds").path("maximum").asLong())
        .isEqualTo(Duration.ofDays(365).toSeconds());
    assertThat(set.outputSchema().orElseThrow().path("required").toString())
        .isEqualTo("[\"version\"]");
    assertThat(
            server.call(
                new ToolCall("z", (ObjectNode) CanonicalJson.read("{}"), set.inputSchema())))
        .extracting(ToolResult::text)
        .isEqualTo("of a component");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "get | {'key':'a'} | {'found':true,'value':[1],'version':4,'expiresAt':'2026-01-02T03:04:05Z'}",
        "get | {'key':'b'} | {'found':false,'value':null,'version':0,'expiresAt':null}",
        "set | {'key':'a','value':null} | {'version':5}",
        "increment | {'key':'a'} | {'value':12,'version':6}",
        "delete | {'key':'a'} | {'deleted':true}",
        "delete | {'key':'b'} | {'deleted':false}",
      })
  void shouldAnswerAsItsSchemaSays(String tool, String arguments, String answer) {
    ToolResult result = call(tool, arguments.replace('\'', '"'));

    assertThat(result.isError()).as(result.text()).isFalse();
    assertThat(result.text()).isEqualTo(answer.replace('\'', '"'));
    assertThat(result.structured().orElseThrow().toString()).isEqualTo(result.text());
    assertThat(result.meta()).containsEntry("dev.nexus/output", "json");
  }

  /// A change is named, so that it is made once; what is read is read anew.
  @Test
  void shouldPassOnWhatIsAsked() {
    call("get", "{\"key\":\"a\"}");
    call(
        "set",
        "{\"key\":\"b\",\"value\":{\"z\":1,\"a\":2},\"ttlSeconds\":60,\"expectedVersion\":0}");
    call("increment", "{\"key\":\"c\",\"by\":-3,\"ttlSeconds\":null}");
    call("delete", "{\"key\":\"d\",\"expectedVersion\":8}");

    assertThat(values.asked)
        .containsExactly(
            "get shop a -",
            "set shop b once",
            "{\"a\":2,\"z\":1}",
            "Terms[ttl=PT1M, expectedVersion=0]",
            "increment shop c once",
            "-3",
            "Terms[ttl=PT0S, expectedVersion=-1]",
            "delete shop d once",
            "8");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "get | {} | /key: wrong argument: expected the key of a value, a text, found none",
        "get | {'key':7} | /key: wrong argument: expected the key of a value, a text, found 7",
        "get | {'key':'a','vlaue':1} | /vlaue: no such argument: expected key, found vlaue",
        "set | {'key':'a','vlaue':1} | did you mean value?",
        "set | {'key':'a'} | /value: wrong argument: expected what is to be kept, any JSON, found none",
        "set | {'key':'a','value':1,'ttlSeconds':0} | expected whole seconds, 1 to 31536000, found 0",
        "set | {'key':'a','value':1,'expectedVersion':-1} | expected a version, or 0 for no value, found -1",
        "increment | {'key':'a','by':1.5} | /by: wrong argument: expected a whole number of 64 bits, found 1.5",
        "increment | {'key':'a','by':9223372036854775808} | found 9223372036854775808",
      })
  void shouldSayWhichArgumentDoesNotFit(String tool, String arguments, String said) {
    ToolResult result = call(tool, arguments.replace('\'', '"'));

    assertThat(result.isError()).isTrue();
    assertThat(result.text()).contains(said);
    assertThat(result.meta()).containsEntry("dev.nexus/problem", "invalid-input");
    assertThat(values.asked).isEmpty();
  }

  @Test
  void shouldSayWhatWasExpectedAndFound() {
    ToolResult result = call("set", "{\"key\":\"x\",\"value\":1,\"expectedVersion\":7}");

    assertThat(result.isError()).isTrue();
    assertThat(result.text()).isEqualTo("version 7 expected, found 9");
    assertThat(result.meta())
        .containsEntry("dev.nexus/problem", "version-conflict")
        .containsEntry("dev.nexus/foundVersion", "9");
  }

  @Test
  void shouldNameTheNearestToolOfValues() {
    assertThatThrownBy(() -> call("incremnt", "{}"))
        .isInstanceOf(UnknownToolException.class)
        .hasMessageContaining("did you mean core.state.increment");
  }
}
