package dev.nexus.platform.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.Eventually;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskRoomIT {
  @TempDir Path directory;

  private static final DiskLimits MORE_THAN_ANY_DISK = new DiskLimits(Long.MAX_VALUE / 2, 0);
  private static final DiskLimits ANY = new DiskLimits(0, 0);

  @Test
  void shouldJudgeWhatIsHereWhereTheBrokersDoNotTell() {
    // Given brokers that are not there
    var absent =
        new KafkaClients(
            Map.of(
                "bootstrap.servers", "127.0.0.1:1",
                "request.timeout.ms", "300",
                "default.api.timeout.ms", "300"),
            "");
    try (var full = new DiskRoom(absent, List.of(directory), MORE_THAN_ANY_DISK);
        var empty = new DiskRoom(absent, List.of(directory), ANY)) {
      // When
      full.start();
      empty.start();

      // Then
      Eventually.holds(
          () -> assertThat(full.shortage()).get().asString().contains(directory.toString()));
      assertThat(empty.shortage()).isEmpty();
    }
  }
}
