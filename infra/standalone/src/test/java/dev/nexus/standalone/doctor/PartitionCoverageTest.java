package dev.nexus.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.platform.snapshot.FactCoverage.Reach;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/// Up to where facts may go, in words.
class PartitionCoverageTest {
  private static final Reach ORACLE = covered(Owner.oracle(0), 1_061);

  /// Of somebody who needs nothing before an offset.
  private static Reach covered(Owner owner, long next, Long... snapshots) {
    return new Reach(owner, List.of(snapshots), OptionalLong.of(next));
  }

  /// Of somebody who may need all.
  private static Reach silent(Owner owner, Long... snapshots) {
    return new Reach(owner, List.of(snapshots), OptionalLong.empty());
  }

  private static PartitionCoverage of(int partition, Reach... reaches) {
    return new PartitionCoverage(
        new TopicPartition("nexus.executions", partition), 1_061, List.of(reaches));
  }

  @Test
  void shouldSayWhatIsMissingWhereASnapshotOfEachIsThere() {
    // Given
    var one = of(0, silent(Owner.ROUTER, 1_056L), silent(Owner.PROJECTOR, 26L), ORACLE);

    // Then
    assertThat(PartitionCoverage.summary(List.of(one)))
        .isEqualTo(
            "0 of 1 partition covered by all who need facts; not yet by projector (1 of 2"
                + " snapshots, up to 26 of 1061), router (1 of 2 snapshots, up to 1056 of 1061)");
    assertThat(one.kept())
        .isEqualTo(
            "not yet covered by router (1 of 2 snapshots, up to 1056 of 1061), projector (1 of 2"
                + " snapshots, up to 26 of 1061)");
  }

  @Test
  void shouldSayUpToWhereFactsMayGo() {
    // Given
    var one =
        of(
            0,
            covered(Owner.ROUTER, 900, 1_056L, 900L),
            covered(Owner.PROJECTOR, 26, 1_000L, 26L),
            ORACLE);

    // Then
    assertThat(PartitionCoverage.summary(List.of(one)))
        .isEqualTo("1 of 1 partition covered by all who need facts up to 26 of 1061");
    assertThat(one.kept()).isEqualTo("covered up to 26 of 1061 only, by projector");
  }

  @Test
  void shouldNameAPartitionWhereThereAreMore() {
    // Given
    var near = of(0, covered(Owner.ROUTER, 1_060), covered(Owner.PROJECTOR, 1_061), ORACLE);
    var far = of(1, covered(Owner.ROUTER, 7), covered(Owner.PROJECTOR, 1_061), ORACLE);
    var none =
        of(
            2,
            silent(Owner.ROUTER),
            silent(Owner.PROJECTOR, 3L),
            silent(Owner.oracle(0)),
            silent(Owner.oracle(1)));
    var noneEither = of(3, silent(Owner.ROUTER), covered(Owner.PROJECTOR, 3), ORACLE);

    // Then
    assertThat(PartitionCoverage.summary(List.of(near, far, none, noneEither)))
        .isEqualTo(
            "2 of 4 partitions covered by all who need facts, furthest back nexus.executions-1: up"
                + " to 7 of 1061; not yet by oracle/0, oracle/1 (nexus.executions-2: has said"
                + " nothing), projector (nexus.executions-2: 1 of 2 snapshots, up to 3 of 1061),"
                + " router (nexus.executions-2: 0 of 2 snapshots; and 1 other partition)");
  }
}
