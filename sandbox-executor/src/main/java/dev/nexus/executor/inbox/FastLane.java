package dev.nexus.executor.inbox;

import dev.nexus.event.task.Lane;
import dev.nexus.executor.inbox.TaskRunner.Ended;
import dev.nexus.executor.pool.WorkPool;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.ShareGroups;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A lane whose work is done while its records are held: they are accepted when the log has the
/// outcomes. Work that does not end at once goes on as on a slow lane, with `WorkStarted` and
/// heartbeats, so that it holds up neither its batch nor the lane.
public final class FastLane extends LaneReader {
  private static final Logger LOG = LoggerFactory.getLogger(FastLane.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofMillis(25);
  private static final Duration LONGEST_BATCH = Duration.ofMillis(250);
  private static final Duration LAST_WORK = Duration.ofSeconds(2);
  private static final int BATCH = 256;

  /// Deep recursion of a guest then ends in the guest.
  private static final long STACK = 16L << 20;

  /// A record in hand. `worked` completes with the work, `written` when the log has the outcome;
  /// there is no lease where there was nothing to wait for.
  private record Taken(
      ConsumerRecord<String, byte[]> record,
      @Nullable Lease lease,
      CompletableFuture<Void> worked,
      CompletableFuture<Void> written) {}

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final KafkaClients clients;
  private final Lane lane;
  private final LaneParts parts;
  private final ThreadPoolExecutor workers;
  private final WorkPool pool;

  public FastLane(
      KafkaClients clients, Lane lane, LaneParts parts, int permits, int perApplication) {
    super("lane-" + lane.name().toLowerCase(Locale.ROOT));
    this.clients = clients;
    this.lane = lane;
    this.parts = parts;
    this.workers =
        new ThreadPoolExecutor(
            permits,
            permits * (1 + WorkPool.ASIDE_A_PERMIT),
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            threads());
    this.pool =
        new WorkPool(
            permits,
            perApplication,
            BATCH,
            workers,
            aside -> workers.setCorePoolSize(permits + aside));
  }

  private ThreadFactory threads() {
    return Thread.ofPlatform().daemon().name(name() + "-", 0).stackSize(STACK).factory();
  }

  @Override
  KafkaShareConsumer<String, byte[]> connect() {
    var consumer = clients.shareConsumer(ShareGroups.ofLane(lane), name(), BATCH);
    consumer.subscribe(List.of(clients.name(Topic.ofLane(lane))));
    consumer.setAcknowledgementCommitCallback(FastLane::tellLost);
    return consumer;
  }

  /// What was not accepted comes again after its lock has run out, and is done once more: the
  /// router takes the first outcome.
  private static void tellLost(
      Map<TopicIdPartition, Set<Long>> offsets, @Nullable Exception failure) {
    if (failure != null) {
      LOG.atWarn()
          .setCause(failure)
          .addKeyValue("partitions", offsets.keySet())
          .addKeyValue("records", offsets.values().stream().mapToInt(Set::size).sum())
          .log("done tasks could not be accepted, they will come again");
    }
  }

  @Override
  boolean awaitRoom(Duration patience) throws InterruptedException {
    return pool.awaitRoom(patience);
  }

  @Override
  void takeSome(KafkaShareConsumer<String, byte[]> consumer) throws InterruptedException {
    List<Taken> batch = new ArrayList<>();
    for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
      batch.add(begin(record));
    }
    awaitWork(batch);
    List<CompletableFuture<Void>> settled = batch.stream().map(this::settle).toList();
    for (int i = 0; i < batch.size(); i++) {
      Taken taken = batch.get(i);
      consumer.acknowledge(taken.record(), answer(taken, settled.get(i)));
    }
  }

  private Taken begin(ConsumerRecord<String, byte[]> record) {
    Optional<AssignedTask> read = parts.intake().read(record);
    if (read.isEmpty()) {
      return new Taken(record, null, DONE, DONE);
    }
    AssignedTask task = read.get();
    if (parts.runner().isInstant(task)) {
      WorkResult result = parts.runner().runInstant(task);
      return new Taken(record, null, DONE, parts.outcomes().finished(task, result));
    }
    Lease lease = parts.leases().of(task);
    var taken = new Taken(record, lease, new CompletableFuture<>(), new CompletableFuture<>());
    pool.submit(task.envelope().appId(), () -> work(task, lease, taken));
    return taken;
  }

  private void work(AssignedTask task, Lease lease, Taken taken) {
    try {
      Ended ended = parts.runner().run(task);
      lease.end();
      CompletableFuture<Void> outcome =
          switch (ended) {
            case Ended.Finished(var result) -> parts.outcomes().finished(task, result);
            case Ended.Cancelled _ -> DONE;
            case Ended.Abandoned _ ->
                CompletableFuture.failedFuture(new IllegalStateException("the lane ends"));
          };
      outcome.whenComplete(
          (none, failure) -> {
            if (failure == null) {
              taken.written().complete(null);
            } else {
              taken.written().completeExceptionally(failure);
            }
          });
    } catch (RuntimeException | Error e) {
      taken.written().completeExceptionally(e);
      throw e;
    } finally {
      lease.end();
      taken.worked().complete(null);
    }
  }

  /// Waits while work of the batch ends, and a little longer.
  private static void awaitWork(List<Taken> batch) throws InterruptedException {
    var all =
        CompletableFuture.allOf(
            batch.stream().map(Taken::worked).toArray(CompletableFuture[]::new));
    long end = System.nanoTime() + LONGEST_BATCH.toNanos();
    long before = -1;
    while (!all.isDone()) {
      long ended = batch.stream().filter(taken -> taken.worked().isDone()).count();
      if (ended == before || System.nanoTime() > end) {
        return;
      }
      before = ended;
      try {
        all.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        LOG.atDebug().addKeyValue("batch", batch.size()).log("some work takes longer");
      } catch (ExecutionException e) {
        throw new IllegalStateException("work completes without a value", e);
      }
    }
  }

  /// Leases work that still goes on; for all other work the log has the outcome, or will.
  private CompletableFuture<Void> settle(Taken taken) {
    Lease lease = taken.lease();
    if (lease == null || taken.worked().isDone()) {
      return taken.written();
    }
    return lease.begin().orElse(taken.written());
  }

  /// A task of which the log took nothing is given back.
  private static AcknowledgeType answer(Taken taken, CompletableFuture<Void> settled) {
    try {
      settled.join();
      return AcknowledgeType.ACCEPT;
    } catch (CompletionException e) {
      LOG.atError()
          .setCause(e)
          .addKeyValue("topic", taken.record().topic())
          .addKeyValue("partition", taken.record().partition())
          .addKeyValue("offset", taken.record().offset())
          .log("the log has no outcome, task given back");
      return AcknowledgeType.RELEASE;
    }
  }

  @Override
  void stopWork() throws InterruptedException {
    if (!pool.awaitIdle(LAST_WORK)) {
      parts.tasks().abandonAll();
      // What waited for its turn begins and ends at once, before its threads are gone.
      pool.awaitIdle(LAST_WORK);
    }
  }

  @Override
  void ended() {
    workers.shutdown();
  }
}
