package dev.nexus.platform.blob;

import dev.nexus.event.snapshot.SnapshotEvent;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.blob.BlobStore.Swept;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.RecurringService;
import dev.nexus.platform.snapshot.Announcement;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.snapshot.SnapshotStore;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes payloads that no event names any more: marks what the topics name, then sweeps the rest.
/// What was asked for within the last hour before the marking began stays whatever the topics say:
/// its event may not be written yet. One process of an installation collects at a time.
///
/// An hour by the clock may have been less: it was set ahead, or the machine slept, also when no
/// process ran. So only time counts that a process has watched pass ([WatchedTime]). It is kept
/// beside the payloads for the next process: one that is restarted every half hour collects too.
public final class PayloadCollector extends RecurringService {
  private static final Logger LOG = LoggerFactory.getLogger(PayloadCollector.class);
  private static final Duration EVERY = Duration.ofHours(24);
  private static final Duration LOOKED_AFTER = Duration.ofMinutes(10);
  private static final Duration GRACE = Duration.ofHours(1);

  /// Clocks are corrected by less than this all the time.
  private static final Duration UNNOTICED = Duration.ofMinutes(1);

  private static final Duration POLL = Duration.ofMillis(500);
  private static final byte[] MARK = "\"sha256:".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGEST = 64;

  /// Says when payloads were collected last.
  private static final String LAST = "collected";

  /// Keeps the time that was watched.
  private static final String WATCHED = "watched";

  private final KafkaClients clients;
  private final BlobStore store;
  private final Path root;
  private final SnapshotStore snapshots;
  private final EventCodec<SnapshotEvent> announcements =
      EventCodec.of(Topic.SNAPSHOTS, SnapshotEvent.class);
  private final Clock clock;
  private final LongSupplier nanos;

  /// What the clock and `nanos` said at the last look.
  private Instant looked;

  private long lookedNanos;

  /// Nothing before the first look.
  private WatchedTime watched = WatchedTime.NONE;

  public PayloadCollector(KafkaClients clients, Payloads payloads, Settings settings, Clock clock) {
    this(clients, payloads, settings, clock, System::nanoTime);
  }

  /// @param nanos the time of `System.nanoTime`
  PayloadCollector(
      KafkaClients clients, Payloads payloads, Settings settings, Clock clock, LongSupplier nanos) {
    super("payload-collector", LOOKED_AFTER, First.AFTER_A_REST);
    this.clients = clients;
    this.store = payloads.store();
    this.root = Payloads.directory(settings);
    this.snapshots = new SnapshotStore(SnapshotModule.directory(settings));
    this.clock = clock;
    this.nanos = nanos;
    this.looked = clock.instant();
    this.lookedNanos = nanos.getAsLong();
  }

  @Override
  protected void round() throws IOException {
    collectWhenDue();
  }

  /// A collection that fails is tried again in the next round: only one that came to its end says
  /// when it was.
  private void collectWhenDue() throws IOException {
    Instant now = clock.instant();
    watch(now);
    if (!Files.isDirectory(root)) {
      return; // nothing was ever kept
    }
    keepWatched();
    Instant last = lastCollected();
    boolean due = last.isAfter(now) || !last.plus(EVERY).isAfter(now);
    Optional<Instant> before = watched.ago(GRACE).map(hour -> earlier(hour, now.minus(GRACE)));
    if (due && before.isPresent() && collect(before.get()).isPresent()) {
      Files.writeString(root.resolve(LAST), now.toString());
    }
  }

  /// Counts the time since the last look, unless the clock went ahead of it meanwhile.
  private void watch(Instant now) {
    if (watched.stretches().isEmpty()) {
      watched = WatchedTime.read(root.resolve(WATCHED)).begin(looked);
    }
    long at = nanos.getAsLong();
    Duration passed = Duration.ofNanos(at - lookedNanos);
    Duration ahead = Duration.between(looked, now).minus(passed);
    looked = now;
    lookedNanos = at;
    if (ahead.compareTo(UNNOTICED) > 0) {
      watched = watched.begin(now);
      LOG.atInfo()
          .addKeyValue("seconds", ahead.toSeconds())
          .log("the clock went ahead: payloads are collected later");
      return;
    }
    boolean setBack = ahead.compareTo(UNNOTICED.negated()) < 0;
    watched = (setBack ? watched.setBack(ahead.negated()) : watched).pass(passed, GRACE);
  }

  /// Where that cannot be kept, the next process goes on from what it has of before. To collect is
  /// what may help a disk that is full.
  private void keepWatched() {
    try {
      watched.write(root.resolve(WATCHED));
    } catch (IOException e) {
      LOG.atWarn().setCause(e).log("how long payloads were watched could not be kept");
    }
  }

  /// Clocks are corrected a little all the time, which adds up.
  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  /// By the clock of whoever did it; long ago when nobody knows.
  private Instant lastCollected() throws IOException {
    try {
      return Instant.parse(Files.readString(root.resolve(LAST)).strip());
    } catch (NoSuchFileException | DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }

  /// Marks and sweeps now; empty when another process is at it, or this one ends.
  ///
  /// @param before what was asked for then or later is left alone
  Optional<Swept> collect(Instant before) throws IOException {
    Files.createDirectories(root);
    try (FileChannel channel =
            FileChannel.open(
                root.resolve("collector.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        return Optional.empty();
      }
      Set<String> named = named();
      if (ending()) {
        return Optional.empty();
      }
      Swept swept = store.sweep(named, before);
      LOG.atInfo()
          .addKeyValue("named", named.size())
          .addKeyValue("files", swept.files())
          .addKeyValue("bytes", swept.bytes())
          .log("payloads collected");
      return Optional.of(swept);
    } catch (OverlappingFileLockException e) {
      return Optional.empty();
    }
  }

  /// Digests that stand in any record of any topic, read from its beginning to its present end, or
  /// in a snapshot: an execution that is still open, or still shown, may be older than the log. The
  /// bytes are searched, not decoded: a reference inside a record that was put aside counts too. So
  /// does one in a transaction that is still open, and in what stands behind it: some lasts for
  /// longer than content is spared.
  ///
  /// `nexus.ingress` is left out. Strangers write there, who name nothing that is kept: what looks
  /// like a reference in an event is kept itself. And one of their records may take more memory
  /// than there is, which would end every collection.
  private Set<String> named() {
    Set<String> named = new HashSet<>();
    Map<String, SnapshotTaken> files = new HashMap<>();
    try (KafkaConsumer<String, byte[]> consumer =
        clients.uncommittedConsumer("payload-collector", 1_000)) {
      Map<TopicPartition, Long> ends = new HashMap<>();
      for (Topic topic : EnumSet.complementOf(EnumSet.of(Topic.INGRESS))) {
        consumer
            .partitionsFor(clients.name(topic))
            .forEach(p -> ends.put(new TopicPartition(p.topic(), p.partition()), 0L));
      }
      consumer.assign(ends.keySet());
      ends.putAll(consumer.endOffsets(ends.keySet()));
      consumer.seekToBeginning(ends.keySet());
      while (!ending() && !atEnd(consumer, ends)) {
        for (var record : consumer.poll(POLL)) {
          if (record.value() != null) {
            mark(record.value(), named);
          }
          if (!record.topic().equals(clients.name(Topic.SNAPSHOTS))) {
            continue;
          }
          if (record.value() == null) {
            files.remove(record.key());
          } else {
            announced(record, record.value()).ifPresent(file -> files.put(record.key(), file));
          }
        }
      }
    }
    files.values().forEach(taken -> markFile(taken, named));
    return named;
  }

  /// The snapshot that a record announces; empty for one that announces none, after which the one
  /// before it may still be in use.
  private Optional<SnapshotTaken> announced(ConsumerRecord<String, byte[]> record, byte[] value) {
    try {
      if (!(announcements.decode(value).body() instanceof SnapshotTaken taken)) {
        return Optional.empty();
      }
      Announcement.require(record.key(), taken);
      return Optional.of(taken);
    } catch (UnreadableRecordException e) {
      return Optional.empty();
    }
  }

  /// What a snapshot names that is not there cannot be known, so nothing may be deleted then.
  private void markFile(SnapshotTaken taken, Set<String> named) {
    if (!snapshots.isWhole(taken.file(), taken.sha256())) {
      throw new IllegalStateException(
          "snapshot "
              + taken.file()
              + " is missing or damaged, so payloads that only it names are not known");
    }
    snapshots.read(taken.file(), (key, value) -> mark(value, named));
  }

  private static boolean atEnd(
      KafkaConsumer<String, byte[]> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue());
  }

  /// Adds every digest that stands behind [PayloadReference#BEGINNING]'s last word.
  static void mark(byte[] value, Set<String> named) {
    for (int at = 0; at + MARK.length + DIGEST <= value.length; at++) {
      if (value[at] == MARK[0]
          && Arrays.equals(value, at, at + MARK.length, MARK, 0, MARK.length)) {
        named.add(
            StandardCharsets.US_ASCII
                .decode(ByteBuffer.wrap(value, at + MARK.length, DIGEST))
                .toString());
      }
    }
  }
}
