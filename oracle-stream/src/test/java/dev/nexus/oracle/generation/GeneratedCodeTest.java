package dev.nexus.oracle.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.oracle.generation.GeneratedCode.Guarded;
import dev.nexus.oracle.generation.GeneratedCode.Refused;
import io.roastedroot.quickjs4j.core.Runner;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeneratedCodeTest {
  private static final String SOURCE =
      """
      const KINDS = { push: "code", issues: "talk" };
      function handle(input) {
        return { kind: KINDS[input.event], owner: input.repository.owner, n: input.n ?? null };
      }
      """;
  private static final List<Json> SHOWN =
      List.of(
          new Json("{\"event\":\"push\",\"repository\":{\"owner\":\"a\"},\"n\":1}"),
          new Json("{\"event\":\"issues\",\"repository\":{\"owner\":\"b\"}}"));
  private static final List<Json> JUDGED =
      List.of(new Json("{\"event\":\"fork\",\"repository\":{\"owner\":null}}"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"event\":\"push\",\"repository\":{\"owner\":\"x\"},\"n\":9} | {\"kind\":\"code\",\"n\":9,\"owner\":\"x\"}",
        "{\"event\":\"issues\",\"repository\":{\"owner\":null}} | {\"kind\":\"talk\",\"n\":null,\"owner\":null}",
        "{\"event\":\"fork\",\"repository\":{\"owner\":\"x\"}} | deopt value: event is new",
        "{\"event\":\"push\"} | deopt shape: repository is absent",
        "{\"event\":\"push\",\"repository\":{}} | deopt shape: repository.owner is absent",
        "{\"event\":\"push\",\"repository\":[]} | deopt shape: repository is array",
        "{\"event\":\"push\",\"repository\":{\"owner\":\"x\"},\"n\":\"9\"} | deopt shape: n is string",
        "{\"event\":7,\"repository\":{\"owner\":\"x\"}} | deopt shape: event is number",
        "null | deopt shape: event is absent"
      })
  void shouldDeclineWhatLooksDifferentWhereTheCodeReads(String input, String expected) {
    Guarded code = guarded(SOURCE);

    assertThat(run(code.source(), input)).isEqualTo(expected);
  }

  @Test
  void shouldNameTheCodeByGuardAndSource() {
    Guarded code = guarded(SOURCE);

    assertThat(code.hash()).isEqualTo(NameIds.sha256(code.source()));
    assertThat(code.source()).contains(SOURCE.strip());
    assertThat(code.readPaths()).containsExactly("event", "n", "repository", "repository.owner");
  }

  @Test
  void shouldPutNoValueOfAJudgedInputIntoTheCode() {
    assertThat(guarded(SOURCE).source()).doesNotContain("fork").contains("\"issues\"");
  }

  @Test
  void shouldGuardFunctionsHeldByAConstant() {
    Guarded code = guarded("const handle = (input) => input.repository.owner;");

    assertThat(run(code.source(), "{\"event\":\"x\",\"repository\":{\"owner\":\"me\"}}"))
        .isEqualTo("\"me\"");
  }

  @ParameterizedTest
  @CsvSource({
    "function handle(input) { return eval(input.a); }, eval",
    "function handle(input) { return new Function('return 1')(); }, function",
    "import x from 'y'; function handle(input) { return 1; }, import",
    "const fs = require('fs'); function handle(input) { return 1; }, require",
    "function handle(input) { return input.constructor.constructor; }, constructor"
  })
  void shouldRefuseSourceThatReachesOut(String source, String what) {
    assertThat(GeneratedCode.of(reply(source), SHOWN, JUDGED))
        .isEqualTo(new Refused("the source uses " + what + ", which is refused"));
  }

  @Test
  void shouldNotRefuseWordsInTextsAndComments() {
    assertThat(guarded("// no import\nfunction handle(input) { return 'require'; }").source())
        .contains("'require'");
  }

  @Test
  void shouldRefuseWhatIsNoCandidate() {
    assertThat(GeneratedCode.of(reply("const x = 1;"), SHOWN, JUDGED))
        .isEqualTo(new Refused("the source declares no function handle(input)"));
    assertThat(GeneratedCode.of(new Json("{\"code\":\"x\"}"), SHOWN, JUDGED))
        .isEqualTo(new Refused("the generator's answer has no text 'source'"));
    assertThat(GeneratedCode.of(new Json("sorry"), SHOWN, JUDGED))
        .isEqualTo(new Refused("the generator answered no JSON"));
    assertThat(GeneratedCode.of(reply("x".repeat(70_000)), SHOWN, JUDGED))
        .isEqualTo(new Refused("source of at most 65536 bytes expected, found 70000"));
  }

  @Test
  void shouldRefuseAGuardThatNoRecordCouldCarry() {
    Json long1 = new Json("{\"event\":\"" + "x".repeat(300_000) + "\",\"repository\":{}}");
    Json long2 = new Json("{\"event\":\"" + "y".repeat(300_000) + "\",\"repository\":{}}");

    assertThat(GeneratedCode.of(reply(SOURCE), List.of(long1, long2), List.of()))
        .isInstanceOfSatisfying(
            Refused.class, r -> assertThat(r.reason()).contains("at most 500000 characters"));
  }

  private static Guarded guarded(String source) {
    return (Guarded) GeneratedCode.of(reply(source), SHOWN, JUDGED);
  }

  private static Json reply(String source) {
    return CanonicalJson.toJson(Map.of("source", source));
  }

  /// The output as canonical JSON, or `deopt` and the reason.
  private static String run(String source, String input) {
    String program =
        """
        class Deopt { constructor(reason) { this.reason = reason; } }
        function deopt(reason) { throw new Deopt(reason); }
        %s
        try {
          console.log(JSON.stringify(handle(%s)));
        } catch (e) {
          console.log(e instanceof Deopt ? "deopt " + e.reason : "error " + e);
        }
        """
            .formatted(source, input);
    try (var runner = Runner.builder().withTimeoutMs(20_000).build()) {
      runner.compileAndExec(program);
      String printed = runner.stdout().strip();
      return printed.startsWith("deopt") || printed.startsWith("error")
          ? printed
          : CanonicalJson.write(CanonicalJson.read(printed));
    }
  }
}
