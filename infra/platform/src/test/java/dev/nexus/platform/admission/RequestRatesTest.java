package dev.nexus.platform.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RequestRatesTest {
  private final AtomicLong now = new AtomicLong();
  private final RequestRates rates = new RequestRates(1, 2, meter());

  private TimeMeter meter() {
    return new TimeMeter() {
      @Override
      public long currentTimeNanos() {
        return now.get();
      }

      @Override
      public boolean isWallClockBased() {
        return false;
      }
    };
  }

  @Test
  void shouldForgetKeysThatRestedAndNoneThatMustWait() {
    // Given more keys than are kept, long ago
    for (int i = 0; i < RequestRates.MANY; i++) {
      rates.take("rested-" + i, 1);
    }
    now.addAndGet(Duration.ofMinutes(1).toNanos());

    // When one has used up what it may, and others come
    rates.take("busy", 100);
    rates.take("other", 1);
    for (int i = 0; i < RequestRates.MANY; i++) {
      rates.take("new-" + i, 1);
      now.addAndGet(Duration.ofMillis(1).toNanos());
    }

    // Then
    assertThat(rates.known()).isLessThanOrEqualTo(RequestRates.MANY);
    assertThat(rates.take("busy", 1)).isPositive();
  }
}
