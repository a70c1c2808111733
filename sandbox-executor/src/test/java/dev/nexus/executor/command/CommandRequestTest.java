package dev.nexus.executor.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandRequestTest {

  private static CommandRequest read(String json) {
    return CommandRequest.read(CanonicalJson.read(json));
  }

  @Test
  void shouldReadWhatIsAskedFor() {
    assertThat(read("{'command':'/bin/a'}".replace('\'', '"')))
        .isEqualTo(new CommandRequest("/bin/a", List.of(), Duration.ZERO));
    assertThat(
            read(
                "{'command':'/bin/a','args':['-x','','ä b'],'timeout_seconds':1.5}"
                    .replace('\'', '"')))
        .isEqualTo(
            new CommandRequest("/bin/a", List.of("-x", "", "ä b"), Duration.ofMillis(1_500)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "/bin/a" | an object with [command, args, timeout_seconds] expected, found a text
          {} | command: the full path of a program expected, found nothing
          {"command":""} | command: the full path of a program expected, found a text
          {"command":["/bin/sh"]} | command: the full path of a program expected, found a list
          {"command":"a","arg":[]} | one of [command, args, timeout_seconds] expected, found 'arg' (did you mean 'args'?)
          {"command":"a","stdin":"x"} | one of [command, args, timeout_seconds] expected, found 'stdin'
          {"command":"a\\u0000b"} | command: a text without NUL expected
          {"command":"a","args":"x"} | args: a list of at most 64 texts expected, found a text
          {"command":"a","args":[1]} | args[0]: a text expected, found 1
          {"command":"a","args":["x",null]} | args[1]: a text expected, found null
          {"command":"a","args":["x\\u0000"]} | args[0]: a text without NUL expected
          {"command":"a","args":["\\ud800"]} | args[0]: a text expected, found half of a surrogate pair in it
          {"command":"a","timeout_seconds":0} | timeout_seconds: a number above 0 and of at most 3600 expected, found 0
          {"command":"a","timeout_seconds":-1} | timeout_seconds: a number above 0 and of at most 3600 expected, found -1
          {"command":"a","timeout_seconds":3600.1} | timeout_seconds: a number above 0 and of at most 3600 expected, found 3600.1
          {"command":"a","timeout_seconds":1e300} | timeout_seconds: a number above 0 and of at most 3600 expected, found 1E+300
          {"command":"a","timeout_seconds":"5"} | timeout_seconds: a number above 0 and of at most 3600 expected, found a text
          """)
  void shouldSayWhatIsNoRequest(String json, String fault) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(fault);
  }

  @Test
  void shouldBoundArguments() {
    ObjectNode many = JsonNodeFactory.instance.objectNode().put("command", "/bin/a");
    var args = many.putArray("args");
    for (int i = 0; i < 65; i++) {
      args.add("x");
    }
    assertThatThrownBy(() -> CommandRequest.read(many)).hasMessageContaining("found 65");

    many.putArray("args").add("ä".repeat(4_097));
    assertThatThrownBy(() -> CommandRequest.read(many))
        .hasMessage("args[0]: at most 8192 bytes expected, found 8194");

    var large = many.putArray("args");
    for (int i = 0; i < 9; i++) {
      large.add("x".repeat(8_192));
    }
    assertThatThrownBy(() -> CommandRequest.read(many))
        .hasMessage("args: at most 65536 bytes expected in all, found 73728");
  }
}
