package dev.nexus.platform.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentPatternTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          -r             ; -r       ; true
          -r             ; -R       ; false
          .*             ; anything ; false
          .*             ; .*       ; true
          re:.*          ; anything ; true
          re:[a-z]+      ; abc      ; true
          re:[a-z]+      ; abc1     ; false
          re:[a-z]+      ; 1abc     ; false
          re:a|b         ; a        ; true
          re:a|b         ; ab       ; false
          re:^a$         ; a        ; true
          re:.*          ; -f       ; false
          re:.+          ; --eval=x ; false
          re:-.*         ; -f       ; true
          re:\\-\\d+     ; -12      ; true
          re:(-f|-g)     ; -f       ; false
          re:-?\\d+      ; 12       ; true
          re:-?\\d+      ; -12      ; true
          re:[(){} ]+    ; (){}     ; true
          re:(ab){x      ; ab{x     ; true
          re:re:x        ; re:x     ; true
          re:(?i)[a-c]+  ; AbC      ; true
          re:\\pL+       ; Äé       ; true
          """)
  void shouldMatchTheWholeArgument(String pattern, String argument, boolean matches) {
    assertThat(ArgumentPattern.of(pattern).matches(argument)).isEqualTo(matches);
  }

  /// Programs that read lines would take what is behind a line break for another one.
  @Test
  void shouldTakeALineBreakOnlyWhereItIsMeant() {
    assertThat(ArgumentPattern.of("re:.*").matches("a\nb")).isFalse();
    assertThat(ArgumentPattern.of("re:[a-z]+$").matches("a\n")).isFalse();
    assertThat(ArgumentPattern.of("re:(?s).*").matches("a\nb")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "re:(",
        "re:[z-a]",
        "re:a**",
        "re:a{1001}",
        "re:(?=a)b",
        "re:(a)\\1",
        "re:a{100}{100}",
        "re:(a{100})?{100}",
        "re:a{999}b{999}",
        "re:a{1,600}b{600}",
        "re:a{600,}b{600,}",
        "re:a{12345678901}",
        "re:(a{100}){100}",
        "re:(((x{1000}){1000}){1000}){1000}",
        "re:(a{1000})\\Q\\E{1000}",
        "re:(a{1000})(?i){1000}",
      })
  void shouldRefuseWhatIsNoExpressionOrGrows(String pattern) {
    assertThatThrownBy(() -> ArgumentPattern.of(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expression");
  }

  /// Engines that go back and try again take for ever for these.
  @ParameterizedTest
  @ValueSource(strings = {"re:(a+)+b", "re:(a|aa)+$", "re:.*.*.*.*b", "re:(a*)*(a*)*c"})
  void shouldMatchInTimeThatGrowsWithTheTextOnly(String pattern) {
    assertThat(ArgumentPattern.of(pattern).matches("a".repeat(8_192) + "!")).isFalse();
  }

  @Test
  void shouldSayWhatIsTooLarge() {
    assertThatThrownBy(() -> ArgumentPattern.of("re:a{600}b{0,600}"))
        .hasMessage("an expression of at most 1000 instructions, where its counts alone make more");
    assertThatThrownBy(() -> ArgumentPattern.of("re:" + "a?".repeat(500)))
        .hasMessage("an expression of at most 1000 instructions, where this one has 1002");
  }

  @Test
  void shouldSayHowMuchItTakes() {
    assertThat(ArgumentPattern.of("text").size()).isZero();
    assertThat(ArgumentPattern.of("re:[a-z]{1,50}").size()).isBetween(50, 150);
  }
}
