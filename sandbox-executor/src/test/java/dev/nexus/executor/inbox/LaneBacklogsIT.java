package dev.nexus.executor.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.metric.MetricEvent.BacklogMeasured;
import dev.nexus.event.task.Lane;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.BestEffortEvents;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.time.Clock;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LaneBacklogsIT {
  private static final int TASKS = 30;
  private static final int LIMIT = 20;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @Test
  void shouldReportTasksThatNobodyHasBegun() {
    // Given
    var clients = broker.clients();
    try (var writer = clients.producer("test");
        var events = new BestEffortEvents(clients, "test", 100, BestEffortEvents.Account.NONE)) {
      for (int i = 0; i < TASKS; i++) {
        writer.send(
            new ProducerRecord<>(clients.name(Topic.ofLane(Lane.CODE)), "task" + i, new byte[1]));
      }
      writer.flush();
      var reports =
          new BacklogReports(events, "executor", LIMIT, Clock.systemUTC(), System::nanoTime);
      // When
      var backlogs = new LaneBacklogs(clients, reports, List.of(Lane.CODE));
      backlogs.start();
      // Then
      var measured = broker.await(Topic.METRICS, MetricEvent.class, 1).getFirst().body();
      backlogs.close();
      assertThat(measured).isEqualTo(new BacklogMeasured("lane-code", -1, TASKS));
    }
  }
}
