package dev.nexus.platform.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.platform.http.ProblemException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What every edge checks alike, because no call can be made without it.
class CallTest {
  @Test
  void shouldRefuseAnIdempotencyKeyThatIsNone() {
    for (String key : new String[] {"", "  ", "k".repeat(256)}) {
      assertThatThrownBy(() -> call(Optional.of(key)))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("1 to 255 characters");
    }
    assertThat(call(Optional.of("k".repeat(255))).idempotencyKey()).isPresent();
    assertThat(call(Optional.empty()).idempotencyKey()).isEmpty();
  }

  private static Call call(Optional<String> key) {
    return new Call(
        new Origin(TenantId.DEFAULT, "key:test", "http", ""),
        "orders",
        "echo",
        "d1",
        new Json("1"),
        Duration.ZERO,
        key);
  }
}
