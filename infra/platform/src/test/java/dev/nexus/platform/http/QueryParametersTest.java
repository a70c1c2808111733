package dev.nexus.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParametersTest {

  @Test
  void shouldReadANumber() {
    assertThat(QueryParameters.limit(Optional.of("7"), 50, 500)).isEqualTo(7);
    assertThat(QueryParameters.limit(Optional.empty(), 50, 500)).isEqualTo(50);
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "0", "-1", "501", "1.5", "", "99999999999999999999"})
  void shouldSayWhatANumberMustBe(String text) {
    assertThatThrownBy(() -> QueryParameters.limit(Optional.of(text), 50, 500))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("limit: expected 1 to 500, found '" + text + "'");
  }

  @Test
  void shouldNameTheParameterNearestToAnUnknownOne() {
    // Given
    List<String> valid = List.of("app", "status", "limit");

    // Then
    assertThatCode(() -> QueryParameters.requireKnown(List.of("limit", "app"), valid))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> QueryParameters.requireKnown(List.of("app", "stauts"), valid))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().status().getCode()).isEqualTo(400);
              assertThat(e.problem().nearest()).containsExactly("status");
            })
        .hasMessage(
            "no parameter 'stauts' here: expected app, status, limit; did you mean status?");
    assertThatThrownBy(() -> QueryParameters.requireKnown(List.of("force"), List.of()))
        .hasMessage("no parameter 'force' here: expected none");
  }

  @Test
  void shouldNameTheWordNearestToOneThatIsNotKnown() {
    // Given
    List<String> valid = List.of("RUNNING", "SUCCEEDED", "FAILED");

    // When
    ProblemException refused = QueryParameters.noneOf("status", valid, "suceeded");

    // Then
    assertThat(refused.problem().status().getCode()).isEqualTo(400);
    assertThat(refused.problem().nearest()).containsExactly("SUCCEEDED");
    assertThat(refused)
        .hasMessage(
            "status: expected one of RUNNING, SUCCEEDED, FAILED, found 'suceeded'; did you mean"
                + " SUCCEEDED?");
  }

  @Test
  void shouldTakeTrueAndFalseAlone() {
    assertThat(QueryParameters.flag("again", Optional.of("true"))).contains(true);
    assertThat(QueryParameters.flag("again", Optional.empty())).isEmpty();
    assertThatThrownBy(() -> QueryParameters.flag("again", Optional.of("yes")))
        .hasMessageContaining("again: expected true or false, found 'yes'");
  }
}
