package dev.nexus.command.trigger;

import dev.nexus.command.access.Integrations;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import dev.nexus.topic.Topic;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads `nexus.ingress` and lets its events in. Positions are committed after the log has what
/// became of the events, so an event may be let in twice; both copies have the same id and key, and
/// the dispatcher of their partition drops the second.
///
/// While the dispatchers are far behind, or the log takes nothing, its partitions are paused:
/// events wait on the topic, this stays a member of its group, and of records it holds one poll.
public final class IngressReader implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(IngressReader.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration REST = Duration.ofSeconds(1);

  /// Longest that it waits for the log without telling its group that it is there.
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(5);

  private static final Duration VIEWS_READY_WITHIN = Duration.ofSeconds(30);

  private final KafkaClients clients;
  private final Integrations integrations;
  private final Backlog backlog;
  private final Intake intake;
  private final String clientId;
  private final Thread thread;
  private final CountDownLatch assigned = new CountDownLatch(1);
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean reading;
  private volatile boolean throttled;

  /// What it reads with, writes with and decides by.
  public record Parts(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      Integrations integrations,
      Payloads payloads,
      Backlog backlog) {}

  public IngressReader(Parts parts, InstanceId instance, Clock clock) {
    this.clients = parts.clients();
    this.integrations = parts.integrations();
    this.backlog = parts.backlog();
    this.intake =
        new Intake(
            parts.clients(),
            parts.producer(),
            parts.deadLetters(),
            parts.integrations(),
            parts.payloads(),
            clock);
    this.clientId = instance + "-trigger";
    this.thread = Thread.ofPlatform().daemon().name("trigger").unstarted(this::run);
  }

  @Override
  public String name() {
    return "trigger";
  }

  @Override
  public void start() {
    thread.start();
  }

  /// Ready when it takes part in its group; events wait on the topic until then.
  @Override
  public void awaitReady(Duration patience) {
    try {
      if (!assigned.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("nexus.ingress could not be read within " + patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted before nexus.ingress could be read", e);
    }
  }

  @Override
  public boolean healthy() {
    return reading && thread.isAlive();
  }

  /// Whether events are left on `nexus.ingress` because those that were let in are not decided yet.
  boolean throttled() {
    return throttled;
  }

  /// Reads as a member of the group; a membership that fails is ended and begun anew.
  private void run() {
    while (!closing()) {
      try (KafkaConsumer<String, byte[]> consumer = clients.groupConsumer("trigger", clientId)) {
        // A source that is merely not known yet must not count as unregistered.
        integrations.awaitReady(VIEWS_READY_WITHIN);
        consumer.subscribe(List.of(clients.name(Topic.INGRESS)));
        while (!closing()) {
          throttle(consumer);
          ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
          reading = true;
          assigned.countDown();
          if (!records.isEmpty() && written(consumer, records)) {
            consumer.commitSync(behind(records));
          }
        }
      } catch (CommitFailedException e) {
        LOG.atInfo().log("another instance took over and reads these events again");
      } catch (RuntimeException e) {
        reading = false;
        LOG.atError().setCause(e).log("nexus.ingress is read anew; outside events wait on it");
        rest();
      }
    }
  }

  private boolean closing() {
    return closing.getCount() == 0;
  }

  private void throttle(KafkaConsumer<String, byte[]> consumer) {
    boolean high = backlog.isHigh();
    if (high != throttled) {
      LOG.atWarn()
          .addKeyValue("undecided", backlog.size())
          .log(high ? "outside events wait on nexus.ingress" : "outside events are let in again");
      throttled = high;
    }
    if (high) {
      consumer.pause(consumer.assignment());
    } else if (!consumer.paused().isEmpty()) {
      consumer.resume(consumer.paused());
    }
  }

  /// Writes until the log has it all: nothing is skipped because the log was away for a while.
  /// False when this process ended before that.
  private boolean written(
      KafkaConsumer<String, byte[]> consumer, ConsumerRecords<String, byte[]> records) {
    while (!closing()) {
      try {
        CompletableFuture<?> all =
            CompletableFuture.allOf(
                StreamSupport.stream(records.spliterator(), false)
                    .map(intake::take)
                    .toArray(CompletableFuture[]::new));
        if (isDone(all, consumer)) {
          backlog.grown();
          return true;
        }
      } catch (ExecutionException
          | RequestNotAcceptedException
          | KafkaException
          | UncheckedIOException e) {
        LOG.atWarn().setCause(e).log("events could not be written, trying again");
        stayMember(consumer);
        rest();
      }
    }
    return false;
  }

  private boolean isDone(CompletableFuture<?> writing, KafkaConsumer<String, byte[]> consumer)
      throws ExecutionException {
    while (!closing()) {
      try {
        writing.get(SIGN_OF_LIFE.toMillis(), TimeUnit.MILLISECONDS);
        return true;
      } catch (TimeoutException e) {
        stayMember(consumer);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return false;
  }

  /// Polls without taking records. What a partition that was assigned just now gives all the same
  /// is read again later.
  private static void stayMember(KafkaConsumer<String, byte[]> consumer) {
    consumer.pause(consumer.assignment());
    ConsumerRecords<String, byte[]> early = consumer.poll(Duration.ZERO);
    early.partitions().forEach(p -> consumer.seek(p, early.records(p).getFirst().offset()));
  }

  private static Map<TopicPartition, OffsetAndMetadata> behind(
      ConsumerRecords<String, byte[]> records) {
    Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
    records
        .partitions()
        .forEach(
            p ->
                positions.put(p, new OffsetAndMetadata(records.records(p).getLast().offset() + 1)));
    return positions;
  }

  private void rest() {
    try {
      closing.await(REST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
