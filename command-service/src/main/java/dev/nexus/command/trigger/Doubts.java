package dev.nexus.command.trigger;

import dev.nexus.platform.stream.KafkaClients;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Partitions of `nexus.ingress` whose reading ended again and again at the same position, as it
/// does with a record that takes more memory unpacked than there is. They are read one record at a
/// time, so that the one at fault is known by its position; what cannot be read so either is passed
/// over.
///
/// How often it was tried stands beside the position of the group, the attempt that is under way
/// among them. So one counts too that ends with its process, and whoever has the partition next
/// goes on counting. An attempt that this process lives through without an Error does not count: it
/// is taken back when the partition goes to another, and known for its own when that was too late.
///
/// What stands behind such a record in the same packed batch cannot be read either, as no reader
/// gets past it: each of these is passed over in its turn, after one attempt.
final class Doubts {
  /// Attempts with others at once, then alone.
  static final int TOGETHER = 2;

  static final int ALONE = 3;

  /// Records that are read alone before their partition is trusted again: what one poll gave.
  private static final int LEAST_ALONE = 500;

  private static final Logger LOG = LoggerFactory.getLogger(Doubts.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration REST = Duration.ofSeconds(1);

  /// How long one is read before the next: each has a reader of its own, which costs a while.
  private static final Duration TURN = Duration.ofSeconds(5);

  private static final String TRIED = "tried ";

  private final KafkaClients clients;
  private final String clientId;
  private final Map<TopicPartition, Doubt> doubtful = new LinkedHashMap<>();

  /// What is to stand in the log when partitions are read that were assigned just now.
  private final Map<TopicPartition, Mark> pending = new HashMap<>();

  /// Attempts of this process that are under way, as they stand in the log.
  private final Map<TopicPartition, Mark> begun = new HashMap<>();

  /// Reads the partition that is looked into now.
  private @Nullable KafkaConsumer<String, byte[]> lone;

  private Optional<TopicPartition> loneOf = Optional.empty();

  /// Whether partitions were assigned that were not looked at yet.
  private boolean assignedAnew;

  private long turnBegan = System.nanoTime();

  /// How often reading from a position was tried.
  private record Mark(long next, int tried) {
    static Mark of(@Nullable OffsetAndMetadata known, long begin) {
      // What was counted is about an event that the topic no longer keeps.
      return known == null || known.offset() < begin
          ? new Mark(begin, 0)
          : new Mark(known.offset(), count(known.metadata()));
    }

    private static int count(@Nullable String metadata) {
      try {
        return metadata != null && metadata.startsWith(TRIED)
            ? Integer.parseInt(metadata.substring(TRIED.length()))
            : 0;
      } catch (NumberFormatException e) {
        return 0;
      }
    }

    Mark more() {
      return new Mark(next, tried + 1);
    }

    Mark less() {
      return new Mark(next, tried - 1);
    }

    OffsetAndMetadata position() {
      return tried == 0 ? new OffsetAndMetadata(next) : new OffsetAndMetadata(next, TRIED + tried);
    }
  }

  /// How far a partition is read alone, and how often that failed there.
  private static final class Doubt {
    private Mark at;
    private int left = LEAST_ALONE;
    private long notBefore = System.nanoTime();

    Doubt(Mark at) {
      this.at = at;
    }
  }

  /// What the reader does with what is found.
  interface Work {
    /// Gives the position behind what the log has of these; that of the first when it has none.
    long write(ConsumerRecords<String, byte[]> records);

    /// Whether the log says now that this one is passed over.
    boolean passOver(TopicPartition partition, long offset, String reason);
  }

  Doubts(KafkaClients clients, String clientId) {
    this.clients = clients;
    this.clientId = clientId + "-alone";
  }

  boolean about(TopicPartition partition) {
    return doubtful.containsKey(partition);
  }

  /// A partition that was just assigned gives nothing before it was looked at.
  ConsumerRebalanceListener listener(KafkaConsumer<String, byte[]> member) {
    return new ConsumerRebalanceListener() {
      @Override
      public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        member.pause(partitions);
        assignedAnew = true;
      }

      @Override
      public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        leave(member, partitions);
      }

      /// Others may have them, so nothing may be committed.
      @Override
      public void onPartitionsLost(Collection<TopicPartition> partitions) {}
    };
  }

  /// Looks at partitions that were assigned just now.
  void look(KafkaConsumer<String, byte[]> member) {
    if (!assignedAnew) {
      return;
    }
    assignedAnew = false;
    forget();
    Set<TopicPartition> partitions = Set.copyOf(member.assignment());
    if (partitions.isEmpty()) {
      return;
    }
    try {
      Map<TopicPartition, OffsetAndMetadata> committed = member.committed(partitions);
      Map<TopicPartition, Long> begins = member.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = member.endOffsets(partitions);
      for (TopicPartition partition : partitions) {
        Mark known = Mark.of(committed.get(partition), begins.getOrDefault(partition, 0L));
        boolean underWay = Objects.equals(begun.get(partition), known);
        if (!underWay) {
          begun.remove(partition);
        }
        Mark failed = underWay ? known.less() : known;
        if (failed.tried() >= TOGETHER) {
          doubtful.put(partition, new Doubt(failed));
        } else if (!underWay && failed.next() < ends.getOrDefault(partition, 0L)) {
          pending.put(partition, failed.more());
        }
      }
    } catch (KafkaException e) {
      LOG.atWarn().setCause(e).log("how often nexus.ingress was begun is not known");
    }
    if (!doubtful.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("partitions", doubtful.keySet())
          .log("reading ended at the same events again and again; they are read one by one");
      member.pause(doubtful.keySet());
    }
  }

  /// Counts, before the first poll that may give something, that what is not in doubt is begun to
  /// be read. A count that cannot be kept is one too few: then it takes longer until it is doubted.
  void begin(KafkaConsumer<String, byte[]> member) {
    pending.keySet().retainAll(member.assignment());
    if (pending.isEmpty()) {
      return;
    }
    begun.putAll(pending);
    try {
      member.commitSync(positions(pending));
    } catch (KafkaException e) {
      LOG.atWarn().setCause(e).log("how often nexus.ingress was begun could not be counted");
    }
    pending.clear();
  }

  /// What these gave was let in.
  void done(Collection<TopicPartition> partitions) {
    begun.keySet().removeAll(partitions);
  }

  /// Reading ended in an Error: what was read together has failed.
  void failed() {
    begun.keySet().retainAll(doubtful.keySet());
  }

  /// Takes back what is under way where another may read on. One that is lost without that counts
  /// for the others as one that ended with its process, but not here.
  void leave(KafkaConsumer<String, byte[]> member, Collection<TopicPartition> partitions) {
    Map<TopicPartition, Mark> before = new HashMap<>();
    begun.forEach(
        (partition, mark) -> {
          if (partitions.contains(partition)) {
            before.put(partition, mark.less());
          }
        });
    if (before.isEmpty()) {
      return;
    }
    try {
      member.commitSync(positions(before), PATIENCE);
      begun.keySet().removeAll(before.keySet());
    } catch (KafkaException e) {
      LOG.atWarn().setCause(e).log("what was begun of nexus.ingress could not be taken back");
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> positions(Map<TopicPartition, Mark> marks) {
    Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
    marks.forEach((partition, mark) -> positions.put(partition, mark.position()));
    return positions;
  }

  /// Reads on in one of them, by a record at most; whether there was one to be read.
  ///
  /// @param waits partitions of which nothing is to be read now
  boolean readOn(KafkaConsumer<String, byte[]> member, Predicate<TopicPartition> waits, Work work) {
    if (System.nanoTime() - turnBegan >= TURN.toNanos()) {
      turnBegan = System.nanoTime();
      loneOf.ifPresent(this::putLast);
    }
    Optional<TopicPartition> chosen =
        doubtful.entrySet().stream()
            .filter(e -> System.nanoTime() - e.getValue().notBefore >= 0)
            .map(Map.Entry::getKey)
            .filter(partition -> member.assignment().contains(partition) && !waits.test(partition))
            .findFirst();
    chosen.ifPresent(partition -> readOn(member, partition, work));
    return chosen.isPresent();
  }

  private void putLast(TopicPartition partition) {
    Doubt doubt = doubtful.remove(partition);
    if (doubt != null) {
      doubtful.put(partition, doubt);
    }
  }

  private void readOn(KafkaConsumer<String, byte[]> member, TopicPartition partition, Work work) {
    Doubt doubt = doubtful.get(partition);
    if (doubt == null) {
      return;
    }
    if (doubt.at.tried() >= TOGETHER + ALONE) {
      passOver(member, partition, doubt, work);
      return;
    }
    try {
      attempt(member, partition, doubt, work);
    } catch (Error e) { // what it was takes this record with it, not the reader
      forgetLone();
      if (begun.remove(partition) != null) {
        doubt.at = doubt.at.more();
      }
      doubt.notBefore = System.nanoTime() + REST.toNanos();
      LOG.atError()
          .setCause(e)
          .addKeyValue("partition", partition)
          .addKeyValue("offset", doubt.at.next())
          .addKeyValue("tried", doubt.at.tried())
          .log("an event could not be read alone");
    }
  }

  private void passOver(
      KafkaConsumer<String, byte[]> member, TopicPartition partition, Doubt doubt, Work work) {
    String reason =
        "reading it ended in an Error, or ended the process, when it was read alone: unpacked it"
            + " may be larger than there is memory, or stand in a batch behind one that is";
    if (work.passOver(partition, doubt.at.next(), reason)) {
      passed(member, partition, doubt, new Mark(doubt.at.next() + 1, TOGETHER + ALONE - 1));
    }
  }

  private void attempt(
      KafkaConsumer<String, byte[]> member, TopicPartition partition, Doubt doubt, Work work) {
    KafkaConsumer<String, byte[]> reader = reader(partition, doubt.at.next());
    if (!begun.containsKey(partition)) {
      begun.put(partition, doubt.at.more());
      member.commitSync(Map.of(partition, doubt.at.more().position()));
    }
    ConsumerRecords<String, byte[]> records = reader.poll(POLL);
    long next = records.isEmpty() ? reader.position(partition, PATIENCE) : work.write(records);
    if (next > doubt.at.next()) {
      passed(member, partition, doubt, new Mark(next, TOGETHER));
    } else if (records.isEmpty() && next >= ends(reader, partition)) {
      trust(member, partition, doubt);
    } else {
      // It did not come yet, or the disk does not take it, for which it cannot be blamed.
      if (!records.isEmpty()) {
        reader.seek(partition, doubt.at.next());
      }
      leave(member, Set.of(partition));
    }
  }

  private static long ends(KafkaConsumer<String, byte[]> reader, TopicPartition partition) {
    return reader.endOffsets(Set.of(partition)).getOrDefault(partition, Long.MAX_VALUE);
  }

  /// @param behind it, and as how often tried that counts
  private void passed(
      KafkaConsumer<String, byte[]> member, TopicPartition partition, Doubt doubt, Mark behind) {
    doubt.at = behind;
    if (--doubt.left <= 0) {
      trust(member, partition, doubt);
    } else {
      begun.remove(partition);
      member.commitSync(Map.of(partition, behind.position()));
    }
  }

  private void trust(KafkaConsumer<String, byte[]> member, TopicPartition partition, Doubt doubt) {
    begun.remove(partition);
    member.commitSync(Map.of(partition, new OffsetAndMetadata(doubt.at.next())));
    member.seek(partition, doubt.at.next());
    doubtful.remove(partition);
    forgetLone();
  }

  private KafkaConsumer<String, byte[]> reader(TopicPartition partition, long next) {
    KafkaConsumer<String, byte[]> reader = lone;
    if (reader == null || !loneOf.equals(Optional.of(partition))) {
      forgetLone();
      reader = clients.assignedConsumer(clientId, 1);
      lone = reader;
      loneOf = Optional.of(partition);
      reader.assign(Set.of(partition));
      reader.seek(partition, next);
    }
    return reader;
  }

  /// Nothing is in doubt any more, as others may have the partitions. What is under way is kept:
  /// the log says later whether it still counts.
  void forget() {
    doubtful.clear();
    pending.clear();
    forgetLone();
  }

  private void forgetLone() {
    if (lone != null) {
      lone.close(CloseOptions.timeout(Duration.ZERO));
    }
    lone = null;
    loneOf = Optional.empty();
  }
}
