package dev.nexus.command.value;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.value.Recorded.Deletion;
import dev.nexus.event.NameIds;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RecentAnswersTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final Recorded ANSWER = new Deletion("digest");

  private final RecentAnswers answers = new RecentAnswers();

  private static String named(String name) {
    return NameIds.uuid5("request", name).toString();
  }

  @Test
  void shouldForgetNothingOfAnApplicationForTheChangesOfAnother() {
    // Given
    answers.add("default/calm", named("first"), ANSWER, BEGIN);
    // When
    for (int i = 0; i <= RecentAnswers.MOST_OF_ONE; i++) {
      answers.add("default/busy", named("busy " + i), ANSWER, BEGIN);
    }
    // Then
    assertThat(answers.of("default/calm", named("first"))).contains(ANSWER);
    assertThat(answers.of("default/busy", named("busy 0"))).isEmpty();
    assertThat(answers.of("default/busy", named("busy 1"))).contains(ANSWER);
  }

  @Test
  void shouldTakeFromWhoHasMostWhereAllHaveTooMany() {
    // Given
    answers.add("default/calm", named("first"), ANSWER, BEGIN);
    // When
    for (int i = 0; i < RecentAnswers.MOST; i++) {
      answers.add("default/busy" + i % 25, named("busy " + i), ANSWER, BEGIN);
    }
    // Then
    assertThat(answers.of("default/calm", named("first"))).contains(ANSWER);
    assertThat(answers.of("default/busy0", named("busy 0"))).isEmpty();
  }

  @Test
  void shouldRememberForTwoHoursAndTheLogForLonger() {
    // Given
    answers.add("default/app", named("first"), ANSWER, BEGIN);
    // When
    answers.add("default/app", named("second"), ANSWER, BEGIN.plus(RecentAnswers.REMEMBERED));
    // Then
    assertThat(answers.of("default/app", named("first"))).contains(ANSWER);
    // When
    Instant later = BEGIN.plus(RecentAnswers.REMEMBERED).plus(Duration.ofMinutes(2));
    answers.add("default/other", named("third"), ANSWER, later);
    // Then
    assertThat(answers.of("default/app", named("first"))).isEmpty();
    assertThat(Topic.VALUES.keep())
        .isInstanceOfSatisfying(
            Topic.Keep.Latest.class,
            keep -> assertThat(keep.whole()).isGreaterThan(RecentAnswers.REMEMBERED));
  }

  @Test
  void shouldNotRememberWhatNobodyCanRepeat() {
    String unnamed = "01890a5d-ac96-774b-bcce-b302099a8057";

    answers.add("default/app", unnamed, ANSWER, BEGIN);

    assertThat(answers.of("default/app", unnamed)).isEmpty();
  }
}
