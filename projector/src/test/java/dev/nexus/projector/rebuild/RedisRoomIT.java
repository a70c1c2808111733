package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.projector.rebuild.RedisRoom.Room;
import dev.nexus.testkit.RedisExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Whose memory counts: that of Redis, of this machine, or of another one.
class RedisRoomIT {
  private static final long LIMIT = 1_000_000_000;

  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  @TempDir Path directory;

  /// This machine, on which next to nothing is left.
  private MachineMemory full;

  @BeforeEach
  void begin() throws IOException {
    Path file = directory.resolve("meminfo");
    Files.writeString(file, "MemAvailable: 20 kB\n");
    full = MachineMemory.in(file);
  }

  @AfterEach
  void end() {
    limit(0);
  }

  private static void limit(long bytes) {
    try (var connection = redis.client().connect()) {
      connection.sync().configSet("maxmemory", Long.toString(bytes));
    }
  }

  private static Room room(MachineMemory machine) {
    try (var room = new RedisRoom(redis.client(), machine)) {
      return room.room();
    }
  }

  @Test
  void shouldCountAllMemoryOfAMachineElsewhereButWhatRedisHas() {
    // When
    Room here = room(full);
    Room elsewhere = room(MachineMemory.elsewhere());

    // Then
    assertThat(here.free()).isEqualTo(20 * 1_024);
    assertThat(here.exhausted()).isTrue();
    assertThat(elsewhere.total()).isEqualTo(here.total());
    assertThat(elsewhere.free()).isGreaterThan(here.free()).isLessThan(elsewhere.total());
    assertThat(elsewhere.exhausted()).isFalse();
    assertThat(elsewhere.limit()).isEqualTo("the memory of its machine");
  }

  @Test
  void shouldCountALimitOfRedisWhereverItIs() {
    // Given
    limit(LIMIT);

    // When
    Room here = room(full);
    Room elsewhere = room(MachineMemory.elsewhere());

    // Then
    assertThat(here.total()).isEqualTo(LIMIT);
    assertThat(here.free()).isBetween(LIMIT / 2, LIMIT);
    assertThat(elsewhere.total()).isEqualTo(LIMIT);
    assertThat(elsewhere.free()).isBetween(LIMIT / 2, LIMIT);
    assertThat(here.limit()).isEqualTo("its maxmemory");
  }
}
