package dev.nexus.executor.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.Eventually;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.Test;

class LeaseTest {
  @Test
  void shouldGoOnAfterAHeartbeatThatFails() {
    // Given a producer that throws
    var clients = new KafkaClients(Map.of("bootstrap.servers", "localhost:1"), "");
    var producer = new EventProducer(clients, "closed");
    producer.close();
    var outcomes = new Outcomes(producer, new InstanceId("executor-1"), Clock.systemUTC());
    var limits = LaneStage.limits(Duration.ofMillis(60), Duration.ofMinutes(1));
    var clock = new ScheduledThreadPoolExecutor(1);
    try {
      Lease lease = new Lease(LaneStage.task("any", "{}", "", limits), outcomes, clock);

      // When
      assertThatThrownBy(lease::begin).isInstanceOf(IllegalStateException.class);

      // Then
      Eventually.holds(() -> assertThat(clock.getCompletedTaskCount()).isGreaterThan(2));
      lease.end();
    } finally {
      clock.shutdownNow();
    }
  }
}
