package dev.nexus.platform.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.TenantId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private static String traceparent(String given) {
    return new Origin(TenantId.DEFAULT, "key:a", "mcp", given).traceparent();
  }

  @Test
  void shouldKeepATraceContext() {
    assertThat(traceparent(TRACE)).isEqualTo(TRACE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "any text", "00-4bf9-00f0-01", "00-XYZ\nce_id: 1"})
  void shouldDropWhatIsNoTraceContext(String given) {
    assertThat(traceparent(given)).isEmpty();
  }
}
