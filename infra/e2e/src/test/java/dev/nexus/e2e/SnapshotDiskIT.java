package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.snapshot.SnapshotSeries;
import dev.nexus.platform.snapshot.SnapshotStore;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.FaultReport;
import dev.nexus.topic.Topic;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The disk of the snapshots has no byte left while one is written.
class SnapshotDiskIT {
  private static final int DISK_MB = 8;
  private static final String LOG = "log";

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @Test
  void shouldKeepWhatWasAnnouncedAndTakeTheNextWhenThereIsRoom(@TempDir Path directory)
      throws Exception {
    // Given two snapshots
    try (SizedDisk disk = SizedDisk.mount(directory, DISK_MB, new FaultReport("SnapshotDiskIT"));
        EventProducer producer = new EventProducer(broker.clients(), "snapshot-disk-it");
        Snapshots snapshots =
            new Snapshots(
                    broker.clients(),
                    producer,
                    new DeadLetters(producer, "test", Clock.systemUTC()),
                    new SnapshotStore(disk.directory().resolve("snapshots")),
                    "test",
                    Clock.systemUTC())
                .start()) {
      snapshots.awaitCaughtUp(Duration.ofMinutes(2));
      var series = new SnapshotSeries(snapshots, Owner.ROUTER, Topic.EXECUTIONS, LOG);
      take(series, 100);
      take(series, 200);

      // When half of the next one fits
      disk.fillTo(500_000);
      assertThatThrownBy(() -> take(series, 300))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("a snapshot cannot be written to " + disk.directory());

      // Then nothing of it is there, and nothing is gone
      assertThat(Files.list(disk.directory().resolve("snapshots"))).hasSize(2);
      assertThat(snapshots.index().covered(Owner.ROUTER, Topic.EXECUTIONS, 0, LOG)).hasValue(100);
      assertThat(series.newest(0, 0, 500, (_, _) -> false).map(SnapshotTaken::next)).contains(200L);

      // When there is room
      disk.empty();
      take(series, 300);

      // Then
      assertThat(snapshots.index().covered(Owner.ROUTER, Topic.EXECUTIONS, 0, LOG)).hasValue(200);
    }
  }

  /// A megabyte that no compression makes smaller.
  private static void take(SnapshotSeries series, long next) {
    byte[] content = new byte[1 << 16];
    series.take(
        0,
        0,
        next,
        Optional.empty(),
        entries -> {
          for (int i = 0; i < 16; i++) {
            new Random(next + i).nextBytes(content);
            entries.put(new byte[] {(byte) i}, content);
          }
        });
  }
}
