package dev.nexus.executor.inbox;

import dev.nexus.event.task.Lane;
import dev.nexus.executor.inbox.TaskRunner.Ended;
import dev.nexus.executor.pool.WorkPool;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.ShareGroups;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.TopicIdPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A lane whose work takes long. A record is polled only for a free permit; `WorkStarted` is
/// written, then the record is accepted, then work begins: no share lock is held meanwhile, and the
/// lease, kept alive by heartbeats, tells the router whether the work still goes on.
public final class SlowLane extends LaneReader {
  private static final Logger LOG = LoggerFactory.getLogger(SlowLane.class);

  /// A poll that brings no records asks the broker once: what it got may have been the markers of
  /// transactions, with tasks behind them. So while the lane is busy polls are short; with long
  /// ones each marker cost a whole poll and the lane began two tasks a second. A short poll costs
  /// no request while the one before is still with the broker.
  private static final Duration BUSY_POLL = Duration.ofMillis(5);

  private static final Duration IDLE_POLL = Duration.ofMillis(25);

  private static final int EMPTY_POLLS_UNTIL_IDLE = 200;

  private static final Duration LAST_WORK = Duration.ofSeconds(2);

  private final KafkaClients clients;
  private final Lane lane;
  private final LaneParts parts;
  private final WorkPool pool;
  private int emptyPolls;

  public SlowLane(
      KafkaClients clients, Lane lane, LaneParts parts, int permits, int perApplication) {
    super("lane-" + lane.name().toLowerCase(Locale.ROOT));
    this.clients = clients;
    this.lane = lane;
    this.parts = parts;
    this.pool =
        new WorkPool(
            permits,
            perApplication,
            permits * 4,
            work -> Thread.ofVirtual().name(name() + "-work").start(work));
  }

  @Override
  KafkaShareConsumer<String, byte[]> connect() {
    var consumer = clients.strictShareConsumer(ShareGroups.ofLane(lane), name(), 1);
    consumer.subscribe(List.of(clients.name(Topic.ofLane(lane))));
    return consumer;
  }

  @Override
  boolean awaitRoom(Duration patience) throws InterruptedException {
    return pool.awaitRoom(patience);
  }

  /// Work in hand, said to have started: its lease runs also while it waits for its turn.
  private record Taken(AssignedTask task, Lease lease) {}

  @Override
  void takeSome(KafkaShareConsumer<String, byte[]> consumer) throws InterruptedException {
    List<Taken> batch = new ArrayList<>(1);
    boolean any = false;
    Duration wait = emptyPolls < EMPTY_POLLS_UNTIL_IDLE ? BUSY_POLL : IDLE_POLL;
    for (ConsumerRecord<String, byte[]> record : consumer.poll(wait)) {
      any = true;
      Optional<AssignedTask> task = parts.intake().read(record);
      task.ifPresent(t -> batch.add(started(t)));
      consumer.acknowledge(record, AcknowledgeType.ACCEPT);
    }
    emptyPolls = any ? 0 : emptyPolls + 1;
    if (!any) {
      return;
    }
    if (isAccepted(consumer)) {
      batch.forEach(taken -> pool.submit(taken.task().envelope().appId(), () -> work(taken)));
    } else {
      batch.forEach(taken -> taken.lease().end());
    }
  }

  private Taken started(AssignedTask task) {
    Lease lease = parts.leases().of(task);
    try {
      lease.begin().ifPresent(CompletableFuture::join);
    } catch (CompletionException e) {
      lease.end();
      throw e;
    }
    return new Taken(task, lease);
  }

  /// A record that could not be accepted comes again, here or elsewhere: it is not worked on now.
  private boolean isAccepted(KafkaShareConsumer<String, byte[]> consumer) {
    boolean accepted = true;
    for (var answer : consumer.commitSync().entrySet()) {
      if (answer.getValue().isPresent()) {
        TopicIdPartition partition = answer.getKey();
        LOG.atWarn()
            .setCause(answer.getValue().get())
            .addKeyValue("partition", partition)
            .log("task could not be accepted, left to its redelivery");
        accepted = false;
      }
    }
    return accepted;
  }

  private void work(Taken taken) {
    AssignedTask task = taken.task();
    try {
      Ended ended = parts.runner().run(task);
      taken.lease().end();
      switch (ended) {
        case Ended.Finished(var result) -> parts.outcomes().finished(task, result).join();
        // What is abandoned has its lease run out, and the router asks for it again.
        case Ended.Cancelled _, Ended.Abandoned _ -> {}
      }
    } catch (CompletionException e) {
      LOG.atError()
          .setCause(e)
          .addKeyValue("execution", task.envelope().executionId())
          .addKeyValue("task", task.body().task())
          .log("outcome could not be written, the task is done again after its lease");
    } finally {
      taken.lease().end();
    }
  }

  /// Prompts answered now.
  public int running() {
    return pool.running();
  }

  @Override
  void stopWork() throws InterruptedException {
    if (!pool.awaitIdle(LAST_WORK)) {
      parts.tasks().abandonAll();
    }
  }
}
