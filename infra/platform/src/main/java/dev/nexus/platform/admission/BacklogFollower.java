package dev.nexus.platform.admission;

import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.metric.MetricEvent.BacklogMeasured;
import dev.nexus.event.metric.MetricEvent.TaskMeasured;
import dev.nexus.platform.admission.BacklogView.Behind;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TailReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Follows the end of `nexus.metrics` for reports of backlogs. It reads the one partition they are
/// on, and of what else is there only the key. What has the key of a report and is none is put
/// aside and refuses nothing.
final class BacklogFollower implements NexusService {
  private final EventCodec<MetricEvent> codec = EventCodec.of(Topic.METRICS, MetricEvent.class);
  private final BacklogView view;
  private final DeadLetters deadLetters;
  private final TailReader reader;

  BacklogFollower(
      KafkaClients clients, String instance, BacklogView view, DeadLetters deadLetters) {
    this.view = view;
    this.deadLetters = deadLetters;
    this.reader =
        new TailReader(
            clients,
            instance + "-backlog",
            List.of(Topic.METRICS),
            partitions ->
                partitions.stream().filter(p -> p.partition() == BacklogReports.PARTITION).toList(),
            TailReader.From.END,
            this::take);
  }

  @Override
  public String name() {
    return "backlog";
  }

  @Override
  public void start() {
    reader.start();
  }

  /// Without reports nothing is refused, so nobody waits for them.
  @Override
  public void awaitReady(Duration patience) {}

  @Override
  public boolean healthy() {
    return reader.healthy();
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    if (record.key() == null || !record.key().startsWith(BacklogReports.KEY_PREFIX)) {
      return;
    }
    try {
      switch (codec.decode(record.value()).body()) {
        case BacklogMeasured report -> take(record, report);
        case TaskMeasured _ ->
            deadLetters.add(record, "BacklogMeasured expected under this key, found TaskMeasured");
      }
    } catch (UnreadableRecordException e) {
      deadLetters.add(record, String.valueOf(e.getMessage()));
    }
  }

  /// A report under the key of another part would take that one's place.
  private void take(ConsumerRecord<String, byte[]> record, BacklogMeasured report) {
    String key = BacklogReports.key(report.reader(), report.readerPartition());
    if (!key.equals(record.key())) {
      deadLetters.add(record, "the key of this report is " + key + ", found " + record.key());
    } else if (report.behind() < 0) {
      deadLetters.add(record, "a backlog of 0 or more expected, found " + report.behind());
    } else {
      view.take(key, new Behind(report.reader(), report.behind()));
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
