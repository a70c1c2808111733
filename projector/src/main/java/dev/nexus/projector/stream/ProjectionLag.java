package dev.nexus.projector.stream;

import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Slot;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Measures once a second how far a projection is behind, and reports it: the log's ends against
/// what Redis has, whoever puts it there. Beside the reader and not on its thread, which waits for
/// Redis when that is slow or away, and just then somebody wants to know. Every projector measures:
/// their answers are the same, and the last one counts.
final class ProjectionLag implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProjectionLag.class);
  private static final int ANSWERED_WITHIN_MS = 5_000;

  private final String reader;
  private final Projection projection;
  private final BacklogReports reports;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  ProjectionLag(String reader, Projection projection, BacklogReports reports) {
    this.reader = reader;
    this.projection = projection;
    this.reports = reports;
    this.thread = Thread.ofVirtual().name(reader + "-lag").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try (Admin admin = projection.clients().admin()) {
      while (!closing.await(BacklogReports.EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        measure(admin);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void measure(Admin admin) throws InterruptedException {
    Map<TopicPartition, Mark> marks = marks();
    if (marks.isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    marks.keySet().forEach(partition -> asked.put(partition, OffsetSpec.latest()));
    var options = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
    try {
      var ends = admin.listOffsets(asked, options.timeoutMs(ANSWERED_WITHIN_MS)).all().get();
      long behind = 0;
      for (var end : ends.entrySet()) {
        Mark mark = marks.get(end.getKey());
        behind += mark == null ? 0 : Math.max(0, end.getValue().offset() - mark.next());
      }
      reports.measured(reader, -1, behind);
    } catch (ExecutionException | KafkaException e) {
      LOG.atDebug().setCause(e).addKeyValue("reader", reader).log("lag not measured now");
    }
  }

  /// Where the partitions stand that are known.
  private Map<TopicPartition, Mark> marks() {
    Map<TopicPartition, Mark> marks = new HashMap<>();
    for (var fold : projection.folds()) {
      for (Slot slot : projection.progress().slots(projection.clients().name(fold.topic()))) {
        projection
            .progress()
            .mark(slot)
            .ifPresent(mark -> marks.put(new TopicPartition(slot.topic(), slot.partition()), mark));
      }
    }
    return marks;
  }

  @Override
  public void close() {
    closing.countDown();
    thread.interrupt();
  }
}
