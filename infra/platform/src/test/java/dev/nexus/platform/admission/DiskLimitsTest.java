package dev.nexus.platform.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.admission.DiskLimits.Measured;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DiskLimitsTest {
  private static final long MIB = 1 << 20;

  private final DiskLimits limits = new DiskLimits(500 * MIB, 1_000 * MIB);

  @Test
  void shouldNameTheFullestPlaceAndTheSetting() {
    assertThat(shortage(499, 0, false))
        .contains(
            "/data has 499 MiB free, and new work is refused below 500 MiB"
                + " (NEXUS_DISK_RESERVE_MB): free some space");
    assertThat(shortage(500, 1_001, false).orElseThrow())
        .contains("the log has 1001 MiB", "above 1000 MiB (NEXUS_LOG_LIMIT_MB)");
    assertThat(shortage(500, 1_000, false)).isEmpty();
  }

  @Test
  void shouldTakeWorkAgainWithSomeMoreRoomThanItRefusedFor() {
    assertThat(shortage(549, 0, true)).isPresent();
    assertThat(shortage(550, 0, true)).isEmpty();
    assertThat(shortage(600, 901, true)).isPresent();
    assertThat(shortage(600, 900, true)).isEmpty();
  }

  @Test
  void shouldAllowAnySizeOfTheLogWithoutALimit() {
    DiskLimits unlimited = new DiskLimits(0, 0);

    assertThat(unlimited.shortage(new Measured("/data", 0, OptionalLong.of(Long.MAX_VALUE)), true))
        .isEmpty();
  }

  @Test
  void shouldJudgeTheDiskAloneWhereNoBrokerSaysWhatTheLogHas() {
    assertThat(limits.shortage(new Measured("/data", 500 * MIB, OptionalLong.empty()), false))
        .isEmpty();
    assertThat(limits.shortage(new Measured("/data", 499 * MIB, OptionalLong.empty()), false))
        .isPresent();
  }

  private Optional<String> shortage(long free, long log, boolean refusing) {
    return limits.shortage(new Measured("/data", free * MIB, OptionalLong.of(log * MIB)), refusing);
  }
}
