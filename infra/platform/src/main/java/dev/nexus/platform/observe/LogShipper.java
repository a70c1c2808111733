package dev.nexus.platform.observe;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.nexus.event.Event;
import dev.nexus.event.log.LogEvent;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.slf4j.LoggerFactory;

/// Copies what our own classes log, from INFO up, to `nexus.logs`, for those who read logs from
/// Kafka; the local file has them in any case. It never holds anybody up and never grows: lines
/// wait in a bounded queue, at most `A_SECOND` go out a second, and what is too much, or what the
/// broker does not take, is dropped and counted. Nothing it does itself is logged through it.
public final class LogShipper implements NexusService {
  private static final int WAITING = 10_000;
  private static final int A_SECOND = 1_000;
  private static final Duration BATCH = Duration.ofMillis(100);
  private static final Duration CLOSES_WITHIN = Duration.ofSeconds(1);
  private static final String OURS = "dev.nexus";

  private final EventCodec<LogEvent> codec = EventCodec.of(Topic.LOGS, LogEvent.class);
  private final KafkaClients clients;
  private final String instance;
  private final LogLines lines;
  private final BlockingQueue<ILoggingEvent> waiting = new ArrayBlockingQueue<>(WAITING);
  private final AtomicLong dropped = new AtomicLong();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private final Queueing appender = new Queueing();

  public LogShipper(KafkaClients clients, InstanceId instance, EdgeIds ids) {
    this.clients = clients;
    this.instance = instance.value();
    this.lines = new LogLines(instance.value(), ids);
    this.thread = Thread.ofPlatform().daemon().name("log-shipper").unstarted(this::run);
  }

  @Override
  public String name() {
    return "log-shipper";
  }

  @Override
  public void start() {
    thread.start();
    if (LoggerFactory.getLogger(OURS) instanceof Logger ours) {
      appender.setContext(ours.getLoggerContext());
      appender.setName("nexus-logs");
      appender.start();
      ours.addAppender(appender);
    }
  }

  @Override
  public void awaitReady(Duration patience) {
    // Nobody waits for it.
  }

  @Override
  public boolean healthy() {
    return thread.isAlive();
  }

  /// Lines that were dropped and not told of yet.
  long dropped() {
    return dropped.get();
  }

  /// Takes lines on the threads that log them.
  private final class Queueing extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent line) {
      if (Thread.currentThread() == thread) {
        return;
      }
      // What the line names may change once its thread goes on.
      line.prepareForDeferredProcessing();
      if (!waiting.offer(line)) {
        dropped.incrementAndGet();
      }
    }
  }

  private void run() {
    KafkaProducer<String, byte[]> producer = clients.bestEffortProducer(instance + "-logs");
    try {
      while (!closing.await(BATCH.toMillis(), TimeUnit.MILLISECONDS)) {
        ship(producer);
      }
      ship(producer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      producer.close(CLOSES_WITHIN);
    }
  }

  /// Sends what waits. A broker that is away costs one short wait a round; what waits overflows
  /// then, and is counted.
  private void ship(KafkaProducer<String, byte[]> producer) {
    long lost = dropped.getAndSet(0);
    if (lost > 0 && !send(producer, lines.dropped(lost), lost)) {
      return;
    }
    int most = (int) (A_SECOND * BATCH.toMillis() / 1_000);
    for (int i = 0; i < most; i++) {
      ILoggingEvent line = waiting.poll();
      if (line == null || !send(producer, lines.of(line), 1)) {
        return;
      }
    }
  }

  /// False when the producer does not take it. What it takes may still be lost later.
  ///
  /// @param stands how many lines are lost with the record
  private boolean send(KafkaProducer<String, byte[]> producer, Event<LogEvent> event, long stands) {
    try {
      return producer
              .send(
                  EventRecords.of(clients, codec, key(event), event),
                  (metadata, failure) -> {
                    if (failure != null) {
                      dropped.addAndGet(stands);
                    }
                  })
              .state()
          != Future.State.FAILED;
    } catch (RuntimeException e) {
      dropped.addAndGet(stands);
      return false;
    }
  }

  private String key(Event<LogEvent> event) {
    String execution = event.envelope().executionId();
    return event.envelope().tenantId() + "/" + (execution.isEmpty() ? instance : execution);
  }

  @Override
  public void close() {
    if (LoggerFactory.getLogger(OURS) instanceof Logger ours) {
      ours.detachAppender(appender);
    }
    appender.stop();
    closing.countDown();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(CLOSES_WITHIN.multipliedBy(3));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
