package dev.nexus.projector.stream;

import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.LagReporter;
import dev.nexus.platform.stream.LogLag;
import dev.nexus.platform.stream.Pace;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.ProjectionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread of a projection: poll, fold, apply. While Redis reads what one large batch needs, the
/// next is polled and decoded; a small one is applied at once. Every instance reads all partitions;
/// which one moves a partition is settled batch by batch in the store, and the others stand by
/// while one is at it.
public final class ProjectionReader implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(ProjectionReader.class);
  private static final int RECORDS_AT_ONCE = 1_000;
  private static final int LOOKED_AT_ONCE = 2;

  /// Fewer are applied at once: it is not records that take the time, and somebody may wait.
  private static final int FEW = RECORDS_AT_ONCE / 4;

  /// Under load this makes one script of many transactions; what is visible is at most this later.
  private static final Duration BETWEEN_SMALL_BATCHES = Duration.ofMillis(10);
  private static final Duration WAIT = Duration.ofMillis(200);
  private static final Duration CHECKED_EVERY = Duration.ofSeconds(1);
  private static final Duration RETRIED_AFTER = Duration.ofSeconds(1);
  private static final Duration SNAPSHOTS_KNOWN_WITHIN = Duration.ofSeconds(30);

  /// Readiness waits so long for what an empty Redis lacks: most logs are folded by then.
  private static final Duration FILLED = Duration.ofSeconds(3);

  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(5);

  private final String name;
  private final Projection projection;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private @Nullable LagReporter lag;
  private volatile boolean healthy;
  private volatile @Nullable KafkaConsumer<String, byte[]> polling;

  public ProjectionReader(String name, Projection projection) {
    this.name = name;
    this.projection = projection;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
  }

  /// Has it report how far it is behind; before the start.
  public ProjectionReader reportingTo(BacklogReports reports) {
    lag =
        LagReporter.of(name, projection.clients(), reports, this::behind)
            .tellingTo(projection.meters());
    return this;
  }

  /// The log's ends against what Redis has, whoever puts it there. A partition that nobody knows a
  /// position of is being found out about, and counts when that is done.
  private long behind(LogLag log) throws ExecutionException, InterruptedException {
    List<String> topics =
        projection.folds().stream().map(fold -> projection.clients().name(fold.topic())).toList();
    Progress progress = projection.progress();
    return log.behind(progress.positions(topics).keySet(), () -> progress.positions(topics));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void start() {
    thread.start();
    if (lag != null) {
      lag.start();
    }
  }

  /// Ready is who knows where every partition stands, and has filled an empty store if that takes a
  /// moment only; catching up may take longer.
  @Override
  public void awaitReady(Duration patience) {
    try {
      ready.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + name, e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(name + " does not read the log after " + patience, e);
    }
  }

  @Override
  public boolean healthy() {
    return healthy && thread.isAlive();
  }

  /// Works until closed; what breaks the work, an `Error` too, is logged and it begins again.
  private void run() {
    while (open()) {
      try (ProjectionStore store = projection.newStore();
          var consumer = projection.clients().gaplessConsumer(name, RECORDS_AT_ONCE);
          var looking = projection.clients().scanningConsumer(name + "-look", LOOKED_AT_ONCE)) {
        polling = consumer;
        store.loadScripts();
        projection.snapshots().awaitCaughtUp(SNAPSHOTS_KNOWN_WITHIN);
        work(consumer, new Partitions(projection, store, consumer, looking));
      } catch (WakeupException e) {
        LOG.atDebug().addKeyValue("reader", name).log("woken");
      } catch (Throwable e) {
        healthy = false;
        LOG.atError().setCause(e).addKeyValue("reader", name).log("reader begins again");
        pause();
      } finally {
        polling = null;
      }
    }
  }

  private boolean open() {
    return closing.getCount() > 0;
  }

  private void pause() {
    try {
      if (closing.await(RETRIED_AFTER.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.atDebug().addKeyValue("reader", name).log("closed while waiting");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work(KafkaConsumer<String, byte[]> consumer, Partitions partitions) {
    partitions.assign();
    List<PartitionFold.Prepared<?>> waiting = List.of();
    Pace pace = new Pace(BETWEEN_SMALL_BATCHES, FEW, closing).everySecond();
    long began = System.nanoTime();
    long checked = began;
    int read = 0;
    try {
      while (pace.after(read)) {
        ConsumerRecords<String, byte[]> records =
            consumer.poll(waiting.isEmpty() ? WAIT : Duration.ZERO);
        read = records.count();
        var next = prepare(partitions, records);
        finish(partitions, waiting);
        waiting = next;
        if (read < FEW) {
          finish(partitions, waiting);
          waiting = List.of();
        }
        partitions.settle();
        boolean due = waiting.isEmpty() && System.nanoTime() - checked > CHECKED_EVERY.toNanos();
        if (due || (records.isEmpty() && waiting.isEmpty())) {
          partitions.passOver();
        }
        if (due) {
          checked = System.nanoTime();
          partitions.check();
        }
        healthy = partitions.allWell();
        if (healthy && (partitions.whole() || System.nanoTime() - began > FILLED.toNanos())) {
          ready.complete(null);
        }
      }
    } finally {
      partitions.drain();
    }
  }

  /// A partition that is restarted on the way prepares anew: what it prepared before has no effect.
  private static void finish(Partitions partitions, List<PartitionFold.Prepared<?>> waiting) {
    for (var prepared : waiting) {
      partitions.guarded(prepared.of(), prepared::finish);
    }
  }

  private static List<PartitionFold.Prepared<?>> prepare(
      Partitions partitions, ConsumerRecords<String, byte[]> records) {
    List<PartitionFold.Prepared<?>> prepared = new ArrayList<>();
    for (TopicPartition partition : records.partitions()) {
      var own = records.records(partition);
      PartitionFold<?> fold = partitions.of(partition);
      partitions.guarded(fold, () -> prepared.add(fold.prepare(own, own.getLast().offset() + 1)));
    }
    return prepared;
  }

  @Override
  public void close() {
    closing.countDown();
    if (lag != null) {
      lag.close();
    }
    KafkaConsumer<String, byte[]> consumer = polling;
    if (consumer != null) {
      consumer.wakeup();
    }
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      if (!thread.join(CLOSED_WITHIN)) {
        LOG.atWarn().addKeyValue("reader", name).log("reader did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
