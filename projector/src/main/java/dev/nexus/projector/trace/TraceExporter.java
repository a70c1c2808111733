package dev.nexus.projector.trace;

import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.FailureLog;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.trace.OtlpReceiver.Answer;
import dev.nexus.topic.Topic;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the facts of executions and the verdicts on outside events, and sends their spans.
/// Nothing waits for it: while the receiver takes none, it does not read on, and the log keeps what
/// it will read.
///
/// The group's offset of a partition is the place up to which everything was sent; with it stands
/// where the oldest execution begins that was open then, which is where the next owner reads from.
public final class TraceExporter implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(TraceExporter.class);
  private static final String NAME = "traces";

  /// Spans of a request, and how many may wait before no more are read.
  private static final int BATCH = 512;

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration SENDS_EVERY = Duration.ofMillis(500);
  private static final Duration TELLS_EVERY = Duration.ofSeconds(1);
  private static final Duration REJOINS_AFTER = Duration.ofSeconds(1);
  private static final Duration SHORTEST_REST = Duration.ofSeconds(1);
  private static final Duration LONGEST_REST = Duration.ofSeconds(30);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(5);

  private final Optional<OtlpReceiver> receiver;
  private final KafkaClients clients;
  private final String clientId;
  private final MeterRegistry meters;
  private final Instant since;
  private final FailureLog failures = new FailureLog(LOG);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  // What follows is used by the thread alone.
  private final Map<TopicPartition, TracedPartition> owned = new HashMap<>();

  /// Up to where all was sent when nothing waited last.
  private final Map<TopicPartition, OffsetAndMetadata> reached = new HashMap<>();

  private final Map<TopicPartition, OffsetAndMetadata> told = new HashMap<>();
  private final List<Span> waiting = new ArrayList<>();
  private Duration rest = SHORTEST_REST;
  private long sentAt = System.nanoTime();
  private long restsUntil = System.nanoTime();
  private long tellsAt = System.nanoTime();

  /// @param receiver empty where traces are off
  public TraceExporter(
      Optional<OtlpReceiver> receiver,
      KafkaClients clients,
      InstanceId instance,
      MeterRegistry meters,
      Clock clock) {
    this.receiver = receiver;
    this.clients = clients;
    this.clientId = instance + "-" + NAME;
    this.meters = meters;
    this.since = clock.instant();
    this.thread = Thread.ofPlatform().daemon().name(NAME).unstarted(this::run);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void start() {
    if (receiver.isPresent()) {
      thread.start();
    }
  }

  /// Nobody waits for traces.
  @Override
  public void awaitReady(Duration patience) {}

  /// A receiver that is away is no fault of this service.
  @Override
  public boolean healthy() {
    return receiver.isEmpty() || thread.isAlive();
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void run() {
    try {
      while (!isClosing()) {
        try (KafkaConsumer<String, byte[]> member =
            clients.groupConsumer(ConsumerGroup.TRACES.groupName(), clientId)) {
          follow(member, receiver.orElseThrow());
        } catch (InterruptedException e) {
          throw e;
        } catch (Throwable e) {
          failures.warn(e, "traces are followed again from where they were sent");
        }
        if (closing.await(REJOINS_AFTER.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow(KafkaConsumer<String, byte[]> member, OtlpReceiver to)
      throws InterruptedException {
    owned.clear();
    reached.clear();
    told.clear();
    waiting.clear();
    member.subscribe(
        ConsumerGroup.TRACES.topics().stream().map(clients::name).toList(),
        new Assignments(member));
    while (!isClosing()) {
      take(member.poll(POLL));
      if (isDue()) {
        send(to);
      }
      if (waiting.isEmpty()) {
        reach(member);
      }
      if (waiting.size() >= BATCH) {
        // It must poll all the same, to stay a member.
        member.pause(member.assignment());
      } else {
        member.resume(member.paused());
      }
      if (System.nanoTime() - tellsAt >= 0) {
        tell(member, owned.keySet());
        tellsAt = System.nanoTime() + TELLS_EVERY.toNanos();
      }
    }
  }

  private void take(ConsumerRecords<String, byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      TracedPartition traced = owned.get(partition);
      if (traced == null) {
        continue;
      }
      for (ConsumerRecord<String, byte[]> record : records.records(partition)) {
        waiting.addAll(traced.take(record));
      }
      dropped("open-too-long", traced.takeDropped());
    }
  }

  /// A whole batch goes at once, less after a while; nothing while the receiver is left alone.
  private boolean isDue() {
    long now = System.nanoTime();
    boolean enough = waiting.size() >= BATCH || now - sentAt >= SENDS_EVERY.toNanos();
    return !waiting.isEmpty() && enough && now - restsUntil >= 0;
  }

  /// Sends what waits, until the receiver takes no more for now.
  private void send(OtlpReceiver to) throws InterruptedException {
    while (!waiting.isEmpty() && !isClosing()) {
      List<Span> batch = waiting.subList(0, Math.min(BATCH, waiting.size()));
      switch (to.send(OtlpRequest.of(batch))) {
        case Answer.Taken(long rejected, var why) -> {
          Measure.SPANS.counter(meters).increment((double) Math.max(0, batch.size() - rejected));
          refused(rejected, why);
        }
        case Answer.Refused(var why) -> refused(batch.size(), why);
        case Answer.Later(var why, var after) -> {
          later(to.address() + ": " + why, after);
          return;
        }
      }
      batch.clear();
      rest = SHORTEST_REST;
    }
    sentAt = System.nanoTime();
  }

  /// @param asked how long the receiver asks to be left alone
  private void later(String why, Duration asked) {
    if (isClosing()) {
      return;
    }
    failures.warn(new IOException(why), "spans wait until they are taken");
    Duration next = rest.compareTo(asked) > 0 ? rest : asked;
    restsUntil = System.nanoTime() + next.toNanos();
    rest = longer(rest);
  }

  private void refused(long spans, String why) {
    dropped("refused", spans);
    if (spans > 0) {
      failures.warn(new IOException(why), "the receiver refuses spans, which are dropped");
    }
  }

  private void dropped(String reason, long count) {
    if (count > 0) {
      Measure.SPANS_DROPPED.counter(meters, reason).increment((double) count);
    }
  }

  private static Duration longer(Duration rest) {
    Duration twice = rest.multipliedBy(2);
    return twice.compareTo(LONGEST_REST) < 0 ? twice : LONGEST_REST;
  }

  /// Notes that everything was sent, as nothing waits. What was sent by an earlier owner is read
  /// first, for until then it is not known what is open.
  private void reach(KafkaConsumer<String, byte[]> member) {
    owned.forEach(
        (partition, traced) -> {
          try {
            long next = member.position(partition, Duration.ZERO);
            if (next >= traced.sentBefore()) {
              String opens = Long.toString(traced.opensAt(next));
              reached.put(partition, new OffsetAndMetadata(next, opens));
            }
          } catch (KafkaException | IllegalStateException e) {
            // What was noted of it before stays true.
            LOG.atDebug().setCause(e).log("not known how far traces were read");
          }
        });
  }

  /// Tells the brokers what was noted. More may wait by now, which the note does not count as sent.
  private void tell(KafkaConsumer<String, byte[]> member, Collection<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> news = new HashMap<>();
    for (TopicPartition partition : partitions) {
      OffsetAndMetadata place = reached.get(partition);
      if (place != null && !place.equals(told.get(partition))) {
        news.put(partition, place);
      }
    }
    if (news.isEmpty()) {
      return;
    }
    try {
      member.commitSync(news, REJOINS_AFTER);
      told.putAll(news);
    } catch (KafkaException | IllegalStateException e) {
      // Told again in a second, or made again by the next owner, under the same ids.
      LOG.atDebug().setCause(e).log("not told how far traces were sent");
    }
  }

  private final class Assignments implements ConsumerRebalanceListener {
    private final KafkaConsumer<String, byte[]> member;

    Assignments(KafkaConsumer<String, byte[]> member) {
      this.member = member;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
      Map<TopicPartition, OffsetAndMetadata> places = member.committed(Set.copyOf(added));
      for (TopicPartition partition : added) {
        OffsetAndMetadata place = places.get(partition);
        long sent = place == null ? begin(partition) : place.offset();
        member.seek(partition, place == null ? sent : opened(place));
        owned.put(partition, new TracedPartition(topicOf(partition), sent));
        if (place == null) {
          reached.put(partition, new OffsetAndMetadata(sent, Long.toString(sent)));
        }
      }
      // Else the next owner of one that was never told begins with its own start, and what came
      // before that and waits here would be lost with this one.
      tell(member, added);
    }

    private Topic topicOf(TopicPartition partition) {
      return ConsumerGroup.TRACES.topics().stream()
          .filter(topic -> clients.name(topic).equals(partition.topic()))
          .findFirst()
          .orElseThrow();
    }

    /// What began before traces were first asked for is not traced. The end is asked for
    /// first: what is written between the two questions would be passed over else.
    private long begin(TopicPartition partition) {
      long end = member.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      var found = member.offsetsForTimes(Map.of(partition, since.toEpochMilli())).get(partition);
      return found == null ? end : found.offset();
    }

    private static long opened(OffsetAndMetadata place) {
      try {
        return Math.clamp(Long.parseLong(place.metadata()), 0, place.offset());
      } catch (NumberFormatException _) {
        return place.offset();
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> removed) {
      tell(member, removed);
      forget(removed);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> removed) {
      forget(removed);
    }

    private void forget(Collection<TopicPartition> removed) {
      removed.forEach(owned::remove);
      removed.forEach(reached::remove);
      removed.forEach(told::remove);
      if (owned.isEmpty()) {
        waiting.clear(); // the next owner makes them again
      }
    }
  }

  /// Spans that wait are made again from the log by the next owner.
  @Override
  public void close() {
    closing.countDown();
    receiver.ifPresent(OtlpReceiver::close);
    try {
      if (thread.getState() != Thread.State.NEW && !thread.join(ENDS_WITHIN)) {
        LOG.atWarn().log("slow to end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
