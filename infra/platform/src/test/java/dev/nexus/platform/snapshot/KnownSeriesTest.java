package dev.nexus.platform.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.topic.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When another snapshot is due.
class KnownSeriesTest {
  private static final Owner OWNER = Owner.projector(1);
  private static final String LOG = "cluster/topic";
  private static final int PARTITION = 0;

  @TempDir Path directory;
  private SnapshotIndex index;
  private KnownSeries series;

  @BeforeEach
  void begin() {
    index = new SnapshotIndex(new SnapshotStore(directory));
    series = new KnownSeries(index, OWNER, Topic.EVENTS, LOG);
  }

  /// One of all records before 500, with 100 entries.
  private void taken() {
    taken(0, 500, LOG);
  }

  /// One of all records before an offset.
  private void taken(int slot, long next, String log) {
    var taken =
        new SnapshotTaken(
            OWNER.name(),
            Topic.EVENTS.topicName(),
            PARTITION,
            next,
            0,
            log,
            OWNER.layout(),
            "projector-" + next + ".snapshot",
            "",
            1_000,
            100,
            "");
    index.know(Announcement.key(taken) + "/" + slot, taken);
  }

  /// Whoever has one may need all records, should its file be damaged.
  @Test
  void shouldCoverWhatTheOlderOfTwoThatCountHas() throws Exception {
    // Given
    for (long next : new long[] {26, 500, 700}) {
      Files.createFile(directory.resolve("projector-" + next + ".snapshot"));
    }

    // When
    taken(0, 500, LOG);

    // Then
    assertThat(index.ends(OWNER, Topic.EVENTS, PARTITION, LOG)).containsExactly(500L);
    assertThat(index.covered(OWNER, Topic.EVENTS, PARTITION, LOG)).isEmpty();

    // When
    taken(1, 700, LOG);

    // Then
    assertThat(index.ends(OWNER, Topic.EVENTS, PARTITION, LOG)).containsExactly(700L, 500L);
    assertThat(index.covered(OWNER, Topic.EVENTS, PARTITION, LOG)).hasValue(500);

    // When another log's stands in the place of one, and the file of the other is gone
    taken(0, 26, "cluster/another");
    Files.delete(directory.resolve("projector-700.snapshot"));

    // Then
    assertThat(index.ends(OWNER, Topic.EVENTS, PARTITION, LOG)).isEmpty();
  }

  @Test
  void shouldWaitForATenthAsManyRecordsAsTheNewestHasEntries() {
    // Given
    taken();

    // Then
    assertThat(series.due(PARTITION, 0, 510, 0)).isFalse();
    assertThat(series.due(PARTITION, 0, 511, 0)).isTrue();
  }

  @Test
  void shouldNotWaitForMoreOnceARecordThatTheNewestLacksIsOld() {
    // Given
    taken();

    // Then
    assertThat(series.due(PARTITION, 0, 501, 500)).isFalse();
    assertThat(series.due(PARTITION, 0, 501, 501)).isTrue();
  }

  @Test
  void shouldTakeNoneWhereNothingCameHoweverOldTheNewestIs() {
    // Given
    taken();

    // Then
    assertThat(series.due(PARTITION, 0, 500, 500)).isFalse();
    assertThat(series.due(PARTITION, 500, 500, 500)).isFalse();
  }

  @Test
  void shouldTakeTheFirstAsSoonAsThereIsARecord() {
    assertThat(series.due(PARTITION, 0, 0, 0)).isFalse();
    assertThat(series.due(PARTITION, 7, 7, 7)).isFalse();
    assertThat(series.due(PARTITION, 7, 8, 7)).isTrue();
  }

  @Test
  void shouldTakeAnotherWhereTheLogDoesNotGoOnFromTheNewest() {
    // Given
    taken();

    // Then
    assertThat(series.due(PARTITION, 500, 501, 500)).isFalse();
    assertThat(series.due(PARTITION, 501, 502, 501)).isTrue();
  }
}
