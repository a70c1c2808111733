package dev.nexus.scriptedmodel.triage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.scriptedmodel.JsonText;
import java.util.List;
import org.junit.jupiter.api.Test;

class SealedInputCheckTest {

  @Test
  void shouldReportLiteralsThatOnlySealedInputsHold() {
    // Given
    var sealed = List.of(JsonText.read("{\"a\": [{\"b\": \"secret\"}, \"known\"], \"c\": \"x\"}"));
    var shown = List.of(JsonText.read("{\"input\": {\"a\": \"known\"}, \"output\": \"y\"}"));
    var source = "const t = ['secret', \"known\", `free`]; // 'x'";

    // When
    var leaks = SealedInputCheck.leaks(source, shown, sealed);

    // Then
    assertThat(leaks).containsExactly("secret");
  }

  @Test
  void shouldReadLiteralsAsTheEngineDoes() {
    var source =
        """
        /* 'comment' */ const a = 'it\\'s', b = "\\u0041\\x42\\n"; // "more"
        const half = size / 2 / 3; const r = /a"b/.test(`t${1}`); const url = "http://x";
        """;

    assertThat(JsLiterals.of(source)).containsExactly("it's", "AB\n", "a\"b", "t${1}", "http://x");
  }
}
