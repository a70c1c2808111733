package dev.nexus.command.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.Outside;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventExpressionTest {
  private static final String DATA =
      """
      {"amount": 120, "rate": 0.5, "state": "paid", "lines": [{"sku": "a", "n": 2}, {"sku": "b", "n": 1}],
       "empty": null}
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          event.data.amount > 100                                   | true
          event.data.amount > 119.5 && event.data.state == 'paid'   | true
          event.data.amount * 2 < 100                               | false
          has(event.data.nothing) && event.data.nothing > 1         | false
          event.data.lines.exists(l, l.sku == 'b')                  | true
          event.data.lines.all(l, l.n > 1)                          | false
          event.subject.startsWith('shop/') && event.id == 'o-1'    | true
          event.type.matches('^com[.]example[.]o[a-z]+r$')          | true
          event.time > timestamp('2026-01-01T00:00:00Z')            | true
          event.data.empty == null                                  | true
          """)
  void shouldSayWhetherAnEventIsMeant(String condition, boolean expected) throws Exception {
    assertThat(EventExpression.condition(condition).test(event(DATA))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          event.data.amount                                    | 120
          event.data.lines.map(l, l.sku)                       | ["a","b"]
          {'order': event.id, 'total': event.data.amount * 2}  | {"order":"o-1","total":240}
          event.source + '#' + event.id                        | "urn:shop#o-1"
          event.time                                           | "2026-02-03T04:05:06.007Z"
          event.data.rate                                      | 0.5
          event.data.empty                                     | null
          event.data.lines + [1]                               | [{"n":2,"sku":"a"},{"n":1,"sku":"b"},1]
          """)
  void shouldMakeJson(String expression, String expected) throws Exception {
    JsonNode made = EventExpression.value(expression).valueOf(event(DATA));
    assertThat(CanonicalJson.write(made)).isEqualTo(expected);
  }

  @Test
  void shouldSayWhereAnExpressionIsWrong() {
    var e =
        catchThrowableOfType(
            FaultyExpressionException.class, () -> EventExpression.condition("event.id + 1"));
    assertThat(e.faults())
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.column()).isEqualTo(10);
              assertThat(fault.message()).isEqualTo("'+' does not take a text and a number");
              assertThat(fault.expected()).contains("a text and a text").doesNotContain("%");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          evnt.data.amount > 1                    | 1  | no such name                             | evnt.data   | event.data
          amount > 1                              | 1  | no such name                             | amount      |
          event.data.lines.exist(l, l.sku == 'b') | 23 | no such function                         | exist       | exists
          event.id.startWith('a')                 | 19 | no such function                         | startWith   | startsWith
          event.surce == 'a'                      | 1  | no such field of an event                | event.surce | event.source
          event.data.amount >> 100                | 19 | no such operator                         | >>          | >
          event.data.amount = 100                 | 19 | no such operator                         | =           | ==
          event.id == 'a' and true                | 17 | no such operator                         | and         | &&
          not event.data.paid                     | 1  | no such operator                         | not         | !
          event.id > 100                          | 10 | a text cannot be compared with a number  |             |
          event.time > '2020'                     | 12 | a time cannot be compared with a text    |             |
          !event.id                               | 1  | '!' does not take a text                 |             |
          size(1) > 2                             | 5  | 'size' does not take a number            |             |
          event.id.matches(1)                     | 17 | 'matches' does not take a text and a number | |
          event.data.lines.all(l)                 | 21 | wrong use of all                         |             |
          has(event.data)                         | 4  | has() asks for a field                   |             |
          event.id                                | 6  | wrong result                             | a text      |
          event.data.amount >                     | 20 | it ends too early                        |             |
          event.data.state == 'paid               | 21 | a text has no end                        |             |
          """)
  void shouldSayInPlainWordsWhatIsWrongOnce(
      String condition, int column, String message, String found, String nearest) {
    // When
    var e =
        catchThrowableOfType(
            FaultyExpressionException.class, () -> EventExpression.condition(condition));

    // Then
    assertThat(e.faults()).hasSize(1);
    var fault = e.faults().getFirst();
    assertThat(fault.message()).isEqualTo(message);
    assertThat(fault.column()).isEqualTo(column);
    assertThat(fault.found()).isEqualTo(found == null ? "" : found);
    if (nearest == null) {
      assertThat(fault.nearest()).isEmpty();
    } else {
      assertThat(fault.nearest().getFirst()).isEqualTo(nearest);
    }
  }

  @Test
  void shouldSayHowAFieldOfTheDataIsNamed() {
    var e =
        catchThrowableOfType(
            FaultyExpressionException.class,
            () -> EventExpression.condition("true &&\n amount > 1"));
    assertThat(e.faults())
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.line()).isEqualTo(2);
              assertThat(fault.column()).isEqualTo(2);
              assertThat(fault.expected())
                  .endsWith("and event.data.amount for a field of its data");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          event.data.state > 100                  | event.data.state (a text) cannot be compared with 100 (a number)
          event.data.empty > 100                  | event.data.empty (nothing) cannot be compared with 100 (a number)
          event.data.lines[0].sku > 1             | event.data.lines[0].sku (a text) cannot be compared with 1 (a number)
          event.data.lines.all(l, l.sku > 1)      | l.sku cannot be compared with 1 (a number)
          event.data.amont > 1                    | event.data has no field 'amont'; did you mean amount?
          event.data.lines.all(l, l.name > 1)     | l has no field 'name'
          event.data.state.amount > 1             | event.data.state (a text) has no fields, so it has no 'amount'
          event.data.empty.amount > 1             | event.data.empty (nothing) has no fields, so it has no 'amount'
          event.data.lines[7].n > 1               | event.data.lines (a list) has no item 7
          size(event.data.amount) > 1             | 'size' does not take event.data.amount (a number)
          event.data.amount && true               | a boolean expected, found event.data.amount (a number)
          event.data.amount                       | a boolean expected, found a number
          event.data.amount / 0 > 1               | a number is divided by 0
          """)
  void shouldSayWhichFieldHeldWhat(String condition, String why) throws Exception {
    EventExpression compiled = EventExpression.condition(condition);
    assertThatThrownBy(() -> compiled.test(event(DATA)))
        .isInstanceOf(NotEvaluatedException.class)
        .hasMessage("was not evaluated: " + why);
  }

  /// The key and the names it is not among come from the event.
  @Test
  void shouldShowTheBeginningOfALongNameAndLookForNoneLikeIt() throws Exception {
    EventExpression compiled = EventExpression.condition("event.data.m[event.data.k] > 1");
    String key = "k".repeat(40_000);
    assertThatThrownBy(
            () -> compiled.test(event("{\"k\": \"" + key + "\", \"m\": {\"" + key + "x\": 1}}")))
        .isInstanceOf(NotEvaluatedException.class)
        .hasMessage("was not evaluated: event.data.m has no field '" + key.substring(0, 40) + "…'");
  }

  @Test
  void shouldNameTheFieldThatDoesNotExist() {
    var e =
        catchThrowableOfType(
            FaultyExpressionException.class,
            () -> EventExpression.condition("event.id == 'a' && event.tpye == 'b'"));
    assertThat(e.faults())
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.found()).isEqualTo("event.tpye");
              assertThat(fault.nearest()).contains("event.type");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"event.data.amount +", "event", "event.id", "now()", "1"})
  void shouldRefuseWhatIsNoCondition(String text) {
    assertThatThrownBy(() -> EventExpression.condition(text))
        .isInstanceOf(FaultyExpressionException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "event.data.nothing",
        "event.data.state.amount",
        "event.data.amount / 0",
        "{1: 'a'}",
        "type(event.id)",
        "1.0 / 0.0"
      })
  void shouldSayWhyThereIsNoValue(String expression) throws Exception {
    EventExpression compiled = EventExpression.value(expression);
    assertThatThrownBy(() -> compiled.valueOf(event(DATA)))
        .isInstanceOf(NotEvaluatedException.class)
        .hasMessageStartingWith("was not evaluated: ");
  }

  /// Texts that double, lists that double, shared parts that are written out, rounds in rounds.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "['0123456789'].map(a, %s)[0]#a + a",
        "[[1, 2, 3, 4, 5, 6, 7, 8]].map(a, %s)[0]#a + a",
        "[[1, 2, 3, 4, 5, 6, 7, 8]].map(a, %s)[0]#[a, a, a, a, a, a, a, a]",
      })
  void shouldBoundWhatAnExpressionMakes(String text) throws Exception {
    String[] parts = text.split("#");
    String expression = parts[0].formatted(parts[1]);
    for (int i = 0; i < 24; i++) {
      expression = "[" + expression + "].map(a, " + parts[1] + ")[0]";
    }
    EventExpression compiled = EventExpression.value(expression);
    assertThatThrownBy(() -> compiled.valueOf(event("{}")))
        .isInstanceOf(NotEvaluatedException.class);
  }

  /// Some characters of an expression, or of an event, must not ask for all memory.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "((x{1000}){1000}){1000}",
        "(x{1000}){11}",
        "(?:(?:x{0,999})+{999})",
        "x{1000}\\\\Q\\\\E{1000}",
        "(x{2}){6000000}",
        "x{1000}x{1000}x{1000}x{1000}x{1000}x{1000}x{1000}x{1000}x{1000}x{1000}x{1000}",
      })
  void shouldBoundWhatARegularExpressionRepeats(String pattern) throws Exception {
    EventExpression given = EventExpression.condition("event.id.matches(event.data.p)");
    assertThatThrownBy(() -> given.test(event("{\"p\": \"" + pattern + "\"}")))
        .isInstanceOf(NotEvaluatedException.class)
        .hasMessageContaining("regular expression");
  }

  @Test
  void shouldTakeRegularExpressionsAsTheyAreWritten() throws Exception {
    String uuid = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
    EventExpression compiled =
        EventExpression.condition(
            "event.data.u.matches('" + uuid + "') && matches('a1', '[0-9]{1,}')");

    assertThat(compiled.test(event("{\"u\": \"01890a5d-ac96-774b-bcce-b302099a8057\"}"))).isTrue();
    assertThat(compiled.test(event("{\"u\": \"01890a5d\"}"))).isFalse();
    assertThatThrownBy(() -> EventExpression.condition("event.id.matches('(')").test(event("{}")))
        .isInstanceOf(NotEvaluatedException.class)
        .hasMessageContaining("a regular expression expected");
  }

  @Test
  void shouldBoundTheRoundsOfAnExpression() throws Exception {
    String tens = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
    String expression = "true";
    for (int i = 0; i < 6; i++) {
      expression = tens + ".all(i" + i + ", " + expression + ")";
    }
    EventExpression compiled = EventExpression.condition(expression);
    assertThatThrownBy(() -> compiled.test(event("{}")))
        .isInstanceOf(NotEvaluatedException.class)
        .hasMessageContaining("budget");
  }

  @Test
  void shouldNotLookIntoLargeData() throws Exception {
    EventExpression compiled = EventExpression.condition("event.id == 'o-1'");
    String data = "\"" + "x".repeat(300_000) + "\"";
    assertThatThrownBy(() -> compiled.test(event(data)))
        .isInstanceOf(NotEvaluatedException.class)
        .hasMessageContaining("300002 characters");
  }

  private static EventValues event(String data) {
    var outside =
        new Outside(
            "shop",
            "urn:shop",
            "o-1",
            "com.example.order",
            "shop/lamps",
            Instant.parse("2026-02-03T04:05:06.007Z"));
    return new EventValues(new EventAccepted(outside, new Json(data)));
  }
}
