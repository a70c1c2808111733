package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/// A stall counts, wherever it comes from: what is due keeps its moment.
class FixedRateTest {
  private static final TopicPartition PARTITION = new TopicPartition("facts", 0);

  @Test
  void shouldLeaveWhatIsLateDueWhenItWas() {
    // Given a second in which nothing was sent
    long second = 1_000_000_000L;
    FixedRate rate = new FixedRate(System.nanoTime() - second, 1_000);

    // When
    long tenth = rate.awaitDue(10);
    long last = rate.awaitDue(999);

    // Then
    assertThat(tenth).isEqualTo(rate.beganNanos() + second / 100);
    assertThat(last).isEqualTo(rate.beganNanos() + second / 1_000 * 999);
  }

  @Test
  void shouldCountFromWhenAFactWasDue() {
    // Given facts that were due two seconds and one second ago, and are sent now
    FixedRate rate = new FixedRate(System.nanoTime() - 2_000_000_000L, 1);
    UnderWay underWay = new UnderWay(List.of(PARTITION));
    underWay.sent(0, 7, rate.awaitDue(0));
    underWay.sent(0, 8, rate.awaitDue(1));

    // When both are there
    underWay.there(0, 9);

    // Then
    Latencies latencies = underWay.awaitAll(rate);
    assertThat(latencies.p50Ms()).isGreaterThanOrEqualTo(999);
    assertThat(latencies.p99Ms()).isGreaterThanOrEqualTo(1_999);
  }
}
