package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaClientsTest {
  private static final Map<String, String> NOBODY = Map.of("bootstrap.servers", "127.0.0.1:1");

  @Test
  void shouldMakeMembersOfShareGroupsWhateverMembersOfOtherGroupsAreToHave() {
    // Given
    Map<String, String> settings =
        Map.of(
            "bootstrap.servers", "127.0.0.1:1",
            "session.timeout.ms", "9000",
            "heartbeat.interval.ms", "1000",
            "group.protocol", "classic",
            "auto.offset.reset", "latest");

    // When
    var member = new KafkaClients(settings, "").shareConsumer("lane", "test", 10);

    // Then
    assertThat(member.subscription()).isEmpty();
    member.close(Duration.ZERO);
  }

  @Test
  void shouldTakeTimesOfMembershipsAndTransactionsFromTheSettings() {
    KafkaClients told =
        new KafkaClients(
            Map.of(
                "bootstrap.servers", "127.0.0.1:1",
                "session.timeout.ms", "9000",
                "transaction.timeout.ms", "12000"),
            "");

    assertThat(told.sessionMs()).isEqualTo(9_000);
    assertThat(told.transactionTimeoutMs()).isEqualTo(12_000);
    assertThat(new KafkaClients(NOBODY, "").sessionMs()).isEqualTo(6_000);
    assertThat(new KafkaClients(NOBODY, "").transactionTimeoutMs()).isEqualTo(30_000);
  }
}
