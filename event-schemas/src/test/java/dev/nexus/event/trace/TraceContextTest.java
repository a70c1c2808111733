package dev.nexus.event.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.TenantId;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CALLER = "00f067aa0ba902b7";
  private static final String SPAN = "e0b59fc4f2435b4e";
  private static final UUID EVENT = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");

  @ParameterizedTest
  @CsvSource({"00, false", "01, true", "02, false", "03, true"})
  void shouldBeThatOfTheCaller(String flags, boolean sampled) {
    assertThat(of("00-" + TRACE + "-" + CALLER + "-" + flags))
        .isEqualTo(new TraceContext(TRACE, CALLER, sampled));
  }

  /// Of what a later version of the standard may add nothing is passed on.
  @ParameterizedTest
  @CsvSource({"00, 01, 01", "00, 00, 00", "00, 03, 01", "00, 02, 00", "cc, 01, 01"})
  void shouldLeadToItsSpans(String version, String flags, String expected) {
    assertThat(of(version + "-" + TRACE + "-" + CALLER + "-" + flags).traceparent(SPAN))
        .isEqualTo("00-" + TRACE + "-" + SPAN + "-" + expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "any text",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"
      })
  void shouldBeginWithTheCorrelationWhereTheCallerHasNone(String none) {
    assertThat(of(none)).isEqualTo(new TraceContext(EVENT.toString().replace("-", ""), "", true));
  }

  @Test
  void shouldDeriveATraceFromACorrelationThatIsNoUuid() {
    TraceContext context = TraceContext.of(envelope().causedBy(EVENT, "a correlation", ""));

    // Computed by another program.
    assertThat(context.traceId()).isEqualTo("4e94acc701c75918a1da2b294fdfbe25");
  }

  private static TraceContext of(String traceparent) {
    return TraceContext.of(envelope().causedBy(EVENT, EVENT.toString(), traceparent));
  }

  private static Envelope envelope() {
    return Envelope.of(EVENT, Instant.EPOCH, TenantId.DEFAULT, "shop", "key:a");
  }
}
