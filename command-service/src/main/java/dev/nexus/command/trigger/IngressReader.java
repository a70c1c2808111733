package dev.nexus.command.trigger;

import dev.nexus.command.access.Integrations;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.NotReadInTimeException;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import dev.nexus.topic.Topic;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
/// While HTTP would refuse new work, for whatever reason, or the log takes nothing, its partitions
/// are paused: events wait on the topic, and this stays a member of its group. What a poll gave is
/// written all the same and only then passed, so a pause neither drops nor repeats an event.
///
/// What ends the reading again and again, or the process with it, is passed over ([Doubts]).
///
/// What it lets in shows in the backlogs a moment later. In such a moment it lets in no more than
/// they may have, so that they never have much more than that.
public final class IngressReader implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(IngressReader.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration REST = Duration.ofSeconds(1);
  private static final int LARGEST_POLL = 500;

  /// After which what was let in is known to the parts that do the work, and by their reports here.
  private static final Duration SEEN_AFTER = BacklogReports.EVERY.multipliedBy(2);

  /// Longest that it waits for the log without telling its group that it is there.
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(5);

  private static final Duration VIEWS_READY_WITHIN = Duration.ofSeconds(30);

  private final KafkaClients clients;
  private final Integrations integrations;
  private final Admission admission;
  private final Intake intake;
  private final Doubts doubts;
  private final String clientId;
  private final Thread thread;
  private final CountDownLatch assigned = new CountDownLatch(1);
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean reading;
  private volatile boolean throttled;
  private boolean holding;

  /// Partitions that wait for the disk or for what is registered, with the time until when.
  private final Map<TopicPartition, Long> heldBack = new HashMap<>();

  private long letInSince = System.nanoTime();
  private long letIn;

  /// Reports of backlogs before those that know what was let in.
  private long reportsBefore;

  /// What it reads with, writes with and decides by.
  public record Parts(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      Integrations integrations,
      Payloads payloads,
      Admission admission) {}

  public IngressReader(Parts parts, InstanceId instance, Clock clock) {
    this.clients = parts.clients();
    this.integrations = parts.integrations();
    this.admission = parts.admission();
    this.intake =
        new Intake(
            parts.clients(),
            parts.producer(),
            parts.deadLetters(),
            parts.integrations(),
            parts.payloads(),
            clock);
    this.clientId = instance + "-trigger";
    this.doubts = new Doubts(clients, clientId);
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

  /// Whether events are left on `nexus.ingress` because new work is refused.
  boolean throttled() {
    return throttled;
  }

  /// Reads as a member of the group; a membership that fails is ended and begun anew.
  private void run() {
    while (!closing()) {
      int atOnce = (int) Math.min(LARGEST_POLL, admission.backlogLimit());
      try (KafkaConsumer<String, byte[]> consumer =
          clients.groupConsumer(ConsumerGroup.TRIGGER.groupName(), clientId, atOnce)) {
        // A source that is merely not known yet must not count as unregistered.
        integrations.awaitReady(VIEWS_READY_WITHIN);
        consumer.subscribe(List.of(clients.name(Topic.INGRESS)), doubts.listener(consumer));
        rounds(consumer);
        doubts.leave(consumer, consumer.assignment());
      } catch (CommitFailedException e) {
        LOG.atInfo().log("another instance took over and reads these events again");
      } catch (Throwable e) { // an Error may pass as well, and nobody else starts it again
        reading = false;
        LOG.atError().setCause(e).log("nexus.ingress is read anew; outside events wait on it");
        rest();
      } finally {
        doubts.forget();
      }
    }
  }

  private void rounds(KafkaConsumer<String, byte[]> consumer) {
    try {
      while (!closing()) {
        round(consumer);
      }
    } catch (Error e) {
      // Before the membership ends, which takes back what did not fail.
      doubts.failed();
      throw e;
    }
  }

  private void round(KafkaConsumer<String, byte[]> consumer) {
    doubts.look(consumer);
    throttle(consumer);
    boolean readAlone = false;
    if (!holding) {
      readAlone = doubts.readOn(consumer, heldBack::containsKey, new Alone(consumer));
      doubts.begin(consumer);
    }
    ConsumerRecords<String, byte[]> records = consumer.poll(readAlone ? Duration.ZERO : POLL);
    reading = true;
    assigned.countDown();
    if (!records.isEmpty()) {
      pass(consumer, written(consumer, records));
    }
  }

  /// What is done with a record that was read alone.
  private final class Alone implements Doubts.Work {
    private final KafkaConsumer<String, byte[]> consumer;

    Alone(KafkaConsumer<String, byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public long write(ConsumerRecords<String, byte[]> records) {
      LetIn done = written(consumer, records);
      count(done);
      return done.next().values().stream().mapToLong(Long::longValue).findFirst().orElse(-1);
    }

    @Override
    public boolean passOver(TopicPartition partition, long offset, String reason) {
      try {
        return isDone(intake.passOver(partition, offset, reason), consumer);
      } catch (ExecutionException | KafkaException e) {
        LOG.atWarn().setCause(e).log("a dead letter could not be written, trying again");
        rest();
        return false;
      }
    }
  }

  private boolean closing() {
    return closing.getCount() == 0;
  }

  private void throttle(KafkaConsumer<String, byte[]> consumer) {
    Optional<Problem> refused = admission.behind();
    if (refused.isPresent() != throttled) {
      throttled = refused.isPresent();
      LOG.atWarn()
          .addKeyValue("reason", refused.map(Problem::detail).orElse("there is room again"))
          .log(throttled ? "outside events wait on nexus.ingress" : "outside events are let in");
    }
    holding = throttled || isAheadOfReports();
    long now = System.nanoTime();
    heldBack.values().removeIf(until -> now - until >= 0);
    if (holding) {
      consumer.pause(consumer.assignment());
    } else if (!consumer.paused().isEmpty()) {
      consumer.resume(
          consumer.paused().stream()
              .filter(p -> !heldBack.containsKey(p) && !doubts.about(p))
              .toList());
    }
  }

  /// Whether so much was let in a moment ago that it has to be seen first what becomes of it. Who
  /// is well behind is waited for, however long its reports take.
  private boolean isAheadOfReports() {
    if (System.nanoTime() - letInSince <= SEEN_AFTER.toNanos()) {
      reportsBefore = admission.reports();
    } else if (admission.heardSince(reportsBefore)) {
      letIn = 0;
    }
    return letIn >= admission.backlogLimit();
  }

  /// How far a poll was let in.
  ///
  /// @param next position behind what the log has, by partition
  /// @param events that it has
  private record LetIn(Map<TopicPartition, Long> next, int events) {}

  /// Writes until the log has it all: nothing is skipped because the log was away for a while, and
  /// what it has taken, dead letters too, is not written again by the next attempt. An event that
  /// the disk does not take, or whose source may be registered for all this process knows, stops
  /// its own partition only, and is tried again from there. Empty when this process ended before it
  /// was done.
  private LetIn written(
      KafkaConsumer<String, byte[]> consumer, ConsumerRecords<String, byte[]> records) {
    Map<ConsumerRecord<String, byte[]>, CompletableFuture<?>> begun = new HashMap<>();
    intake.begin();
    while (!closing()) {
      try {
        begun.values().removeIf(CompletableFuture::isCompletedExceptionally);
        Map<TopicPartition, Long> next = new HashMap<>();
        for (TopicPartition partition : records.partitions()) {
          next.put(partition, begin(records.records(partition), begun));
        }
        var all = CompletableFuture.allOf(begun.values().toArray(CompletableFuture[]::new));
        if (isDone(all, consumer)) {
          return new LetIn(next, begun.size());
        }
      } catch (ExecutionException | RequestNotAcceptedException | KafkaException e) {
        LOG.atWarn().setCause(e).log("events could not be written, trying again");
        stayMember(consumer);
        rest();
      }
    }
    return new LetIn(Map.of(), 0);
  }

  /// Begins to write the records of a partition that are not `begun`; gives the position behind all
  /// that are.
  private long begin(
      List<ConsumerRecord<String, byte[]>> records,
      Map<ConsumerRecord<String, byte[]>, CompletableFuture<?>> begun) {
    for (ConsumerRecord<String, byte[]> record : records) {
      try {
        if (!begun.containsKey(record)) {
          begun.put(record, intake.take(record));
        }
      } catch (UncheckedIOException | NotReadInTimeException e) {
        LOG.atWarn()
            .setCause(e)
            .addKeyValue("partition", record.partition())
            .addKeyValue("offset", record.offset())
            .log("an event cannot be let in for now; its partition waits");
        heldBack.put(
            new TopicPartition(record.topic(), record.partition()),
            System.nanoTime() + REST.toNanos());
        return record.offset();
      }
    }
    return records.getLast().offset() + 1;
  }

  /// Passes what the log has; a partition that is held back is read again from where it stands.
  private void pass(KafkaConsumer<String, byte[]> consumer, LetIn done) {
    count(done);
    Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
    done.next()
        .forEach(
            (partition, next) -> {
              positions.put(partition, new OffsetAndMetadata(next));
              if (heldBack.containsKey(partition) && consumer.assignment().contains(partition)) {
                consumer.seek(partition, next);
                consumer.pause(List.of(partition));
              }
            });
    consumer.commitSync(positions);
    doubts.done(positions.keySet());
  }

  private void count(LetIn done) {
    letInSince = letIn == 0 ? System.nanoTime() : letInSince;
    letIn += done.events();
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
