package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DetachedStartTest {
  @Test
  void shouldShowWhatIsSaidToAPersonAndNotWhatTheJvmSays() {
    // Given what a start prints to up.log
    List<String> output =
        List.of(
            "Picked up JAVA_TOOL_OPTIONS: -Dsome=thing",
            "OpenJDK 64-Bit Server VM warning: Sharing is only supported for boot loader classes",
            "[0.012s][warning][aot] The AOT cache does not fit",
            "WARNING: A terminally deprecated method in sun.misc.Unsafe has been called",
            "NEXUS_DISK_RESERVES_MB is no setting; did you mean NEXUS_DISK_RESERVE_MB?",
            "  Kafka: 2.3 s",
            "",
            "Kafka port 9092 is in use, the broker took 9093 (NEXUS_KAFKA_PORT chooses one)",
            "Nexus is ready after 3.1 s",
            "later");

    // Then
    assertThat(DetachedStart.forAPerson(output))
        .containsExactly(
            "NEXUS_DISK_RESERVES_MB is no setting; did you mean NEXUS_DISK_RESERVE_MB?",
            "Kafka port 9092 is in use, the broker took 9093 (NEXUS_KAFKA_PORT chooses one)");
  }
}
