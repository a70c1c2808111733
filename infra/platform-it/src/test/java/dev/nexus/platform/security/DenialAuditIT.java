package dev.nexus.platform.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// An error of the JVM, such as a heap that is full for a moment, where counted refusals are to be
/// written.
class DenialAuditIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();

  /// Of what looks at the counts each second.
  private static final String THREAD = "audit-counts";

  /// Cannot even be told, by whatever asks for its message.
  private static final class FullHeapError extends OutOfMemoryError {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw this;
    }
  }

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicBoolean broken = new AtomicBoolean();

  /// Meets the thread that writes the counts once it is asked for.
  private void mayFail() {
    if (Thread.currentThread().getName().equals(THREAD) && broken.compareAndSet(true, false)) {
      throw new FullHeapError();
    }
  }

  private long now() {
    mayFail();
    return nanos.get();
  }

  @Test
  void shouldGoOnToWriteWhatIsCountedBehindAnErrorInOneRound() {
    try (var producer = new EventProducer(BROKER.clients(), "test");
        var audit = new DenialAudit(new AuditTrail(producer, Clock.systemUTC()), this::now)) {
      // Given a round that nothing can be done in
      broken.set(true);
      Eventually.holds(() -> assertThat(broken).isFalse());

      // When
      deny(audit, 3);

      // Then
      Eventually.holds(() -> assertThat(counts()).containsExactly(1, 2));
    }
  }

  @Test
  void shouldCountOnWhatAnErrorKeptFromTheLog() {
    try (var producer = new EventProducer(BROKER.clients(), "test");
        var audit = new DenialAudit(new AuditTrail(producer, new FailingClock()), nanos::get)) {
      // Given
      broken.set(true);

      // When
      deny(audit, 3);

      // Then
      Eventually.holds(() -> assertThat(counts()).containsExactly(1, 2));
      assertThat(broken).isFalse();
    }
  }

  @Test
  void shouldCountOnWhatStandsBehindAnErrorThatCannotBeTold() {
    try (var producer = new EventProducer(BROKER.clients(), "test");
        var audit = new DenialAudit(new AuditTrail(producer, new FailingClock()), nanos::get)) {
      // Given
      broken.set(true);

      // When the first of three kinds meets it
      deny(audit, 3, "GET /v1/a", "GET /v1/b", "GET /v1/c");

      // Then
      Eventually.holds(() -> assertThat(counts()).containsExactlyInAnyOrder(1, 1, 1, 2, 2, 2));
      assertThat(broken).isFalse();
    }
  }

  private void deny(DenialAudit audit, int times) {
    deny(audit, times, "GET /v1/a");
  }

  /// Equal ones of each kind within a second, the first of which is written at once, and that
  /// second passes.
  private void deny(DenialAudit audit, int times, String... actions) {
    for (String action : actions) {
      for (int i = 0; i < times; i++) {
        audit.denied(
            TenantId.DEFAULT,
            AuditTrail.ANONYMOUS,
            new AccessDenied(action, "", "no-key", "192.0.2.1"));
      }
    }
    nanos.addAndGet(Denials.WINDOW.toNanos());
  }

  private static List<Integer> counts() {
    return BROKER.read(Topic.AUDIT_INTENTS, AuditEvent.class).stream()
        .map(event -> event.body() instanceof AccessDenied denied ? denied.count() : 0)
        .toList();
  }

  /// The time that a record is given, which is told when it is about to be written.
  private final class FailingClock extends Clock {
    @Override
    public Instant instant() {
      mayFail();
      return Instant.parse("2026-11-20T12:00:00Z");
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
