package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.platform.security.AuditTrail;
import dev.nexus.platform.security.Scope;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A log that is away: nobody listens on port 1.
class EventProducerTest {
  private final EventProducer producer =
      new EventProducer(
          new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:1", "max.block.ms", "50"), ""),
          "test");

  @AfterEach
  void end() {
    producer.close();
  }

  @Test
  void shouldSayThatTheLogDidNotTakeARecord() {
    assertThatThrownBy(() -> producer.append(new ProducerRecord<>("a-topic", "key", new byte[1])))
        .isInstanceOf(RequestNotAcceptedException.class)
        .hasMessageContaining("the log did not take a record of a-topic");
  }

  @Test
  void shouldSaySoOfKeysAndOfTheAudit() {
    Clock clock = Clock.systemUTC();
    assertThatThrownBy(
            () ->
                new ApiKeys(producer, clock)
                    .issue(
                        TenantId.DEFAULT,
                        "key:a",
                        "",
                        List.of(Scope.parse("operator")),
                        Duration.ofHours(1)))
        .isInstanceOf(RequestNotAcceptedException.class);
    assertThatThrownBy(
            () ->
                new AuditTrail(producer, clock)
                    .denied(
                        TenantId.DEFAULT,
                        "anonymous",
                        new AccessDenied("GET /v1", "", "no-key", "127.0.0.1")))
        .isInstanceOf(RequestNotAcceptedException.class);
  }
}
