package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SnapshotTakerTest {
  @Test
  void shouldLeaveARecordOutOfSnapshotsForATenthOfItsTimeAndThreeDaysAtMost() {
    assertThat(SnapshotTaker.uncovered(Duration.ofHours(10))).isEqualTo(Duration.ofHours(1));
    assertThat(SnapshotTaker.uncovered(Duration.ofDays(30))).isEqualTo(Duration.ofDays(3));
    assertThat(SnapshotTaker.uncovered(Duration.ofDays(365))).isEqualTo(Duration.ofDays(3));
  }
}
