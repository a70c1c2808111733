package dev.nexus.command.trigger;

import dev.nexus.platform.stream.KafkaClients;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.CloseOptions;
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
/// How often it was tried stands beside the position of the group. So it counts too where the
/// process ends with the Error, and whoever has the partition next goes on counting.
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
  private static final String TRIED = "tried ";

  private final KafkaClients clients;
  private final String clientId;
  private final Map<TopicPartition, Doubt> doubtful = new LinkedHashMap<>();

  /// Reads the partition that is looked into now.
  private @Nullable KafkaConsumer<String, byte[]> lone;

  private Optional<TopicPartition> loneOf = Optional.empty();

  /// How far a partition is read alone.
  private static final class Doubt {
    private long next;
    private int tried;
    private boolean begun;
    private int left = LEAST_ALONE;
    private long notBefore = System.nanoTime();

    Doubt(long next, int tried) {
      this.next = next;
      this.tried = tried;
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

  boolean none() {
    return doubtful.isEmpty();
  }

  boolean about(TopicPartition partition) {
    return doubtful.containsKey(partition);
  }

  /// Looks at partitions that were assigned just now, and counts that they are begun to be read. A
  /// count that cannot be kept is one too few: then it takes longer until they are doubted.
  void look(KafkaConsumer<String, byte[]> member) {
    forget();
    Set<TopicPartition> partitions = Set.copyOf(member.assignment());
    if (partitions.isEmpty()) {
      return;
    }
    try {
      Map<TopicPartition, OffsetAndMetadata> committed = member.committed(partitions);
      Map<TopicPartition, Long> begins = member.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = member.endOffsets(partitions);
      Map<TopicPartition, OffsetAndMetadata> begun = new HashMap<>();
      for (TopicPartition partition : partitions) {
        long begin = begins.getOrDefault(partition, 0L);
        OffsetAndMetadata known = committed.get(partition);
        long next = known == null ? begin : Math.max(begin, known.offset());
        int tried = known == null ? 0 : tried(known.metadata());
        if (tried >= TOGETHER) {
          doubtful.put(partition, new Doubt(next, tried));
        } else if (next < ends.getOrDefault(partition, 0L)) {
          begun.put(partition, marked(next, tried + 1));
        }
      }
      if (!begun.isEmpty()) {
        member.commitSync(begun);
      }
    } catch (KafkaException e) {
      LOG.atWarn().setCause(e).log("how often nexus.ingress was begun could not be counted");
    }
    if (!doubtful.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("partitions", doubtful.keySet())
          .log("reading ended at the same events again and again; they are read one by one");
      member.pause(doubtful.keySet());
    }
  }

  private static int tried(@Nullable String metadata) {
    try {
      return metadata != null && metadata.startsWith(TRIED)
          ? Integer.parseInt(metadata.substring(TRIED.length()))
          : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static OffsetAndMetadata marked(long next, int tried) {
    return new OffsetAndMetadata(next, TRIED + tried);
  }

  /// Reads on in one of them, by a record at most.
  ///
  /// @param waits partitions of which nothing is to be read now
  void readOn(KafkaConsumer<String, byte[]> member, Predicate<TopicPartition> waits, Work work) {
    Optional<TopicPartition> chosen =
        doubtful.entrySet().stream()
            .filter(e -> System.nanoTime() - e.getValue().notBefore >= 0)
            .map(Map.Entry::getKey)
            .filter(partition -> !waits.test(partition))
            .findFirst();
    if (chosen.isEmpty()) {
      return;
    }
    TopicPartition partition = chosen.get();
    Doubt doubt = doubtful.get(partition);
    if (doubt == null) {
      return;
    }
    if (doubt.tried >= TOGETHER + ALONE && !doubt.begun) {
      passOver(member, partition, doubt, work);
      return;
    }
    try {
      attempt(member, partition, doubt, work);
    } catch (RuntimeException e) { // the log's fault, not the record's
      takeBack(member, partition, doubt, e);
      throw e;
    } catch (Error e) { // what it was takes this record with it, not the reader
      forgetLone();
      doubt.begun = false;
      doubt.notBefore = System.nanoTime() + REST.toNanos();
      LOG.atError()
          .setCause(e)
          .addKeyValue("partition", partition)
          .addKeyValue("offset", doubt.next)
          .addKeyValue("tried", doubt.tried)
          .log("an event could not be read alone");
    }
  }

  private void passOver(
      KafkaConsumer<String, byte[]> member, TopicPartition partition, Doubt doubt, Work work) {
    String reason =
        "reading it ended in an Error, or ended the process, when it was read alone: unpacked it"
            + " may be larger than there is memory, or stand in a batch behind one that is";
    if (work.passOver(partition, doubt.next, reason)) {
      passed(member, partition, doubt, doubt.next + 1, TOGETHER + ALONE - 1);
    }
  }

  private void attempt(
      KafkaConsumer<String, byte[]> member, TopicPartition partition, Doubt doubt, Work work) {
    KafkaConsumer<String, byte[]> reader = reader(partition, doubt.next);
    if (!doubt.begun) {
      doubt.tried++;
      member.commitSync(Map.of(partition, marked(doubt.next, doubt.tried)));
      doubt.begun = true;
    }
    ConsumerRecords<String, byte[]> records = reader.poll(POLL);
    long next = records.isEmpty() ? reader.position(partition, PATIENCE) : work.write(records);
    if (next > doubt.next) {
      passed(member, partition, doubt, next, TOGETHER);
    } else if (!records.isEmpty()) {
      // The disk does not take it, for which it cannot be blamed.
      reader.seek(partition, doubt.next);
      undo(member, partition, doubt);
    } else if (next >= ends(reader, partition)) {
      trust(member, partition, doubt);
    }
  }

  private static long ends(KafkaConsumer<String, byte[]> reader, TopicPartition partition) {
    return reader.endOffsets(Set.of(partition)).getOrDefault(partition, Long.MAX_VALUE);
  }

  /// @param tried as how often tried the record behind it counts
  private void passed(
      KafkaConsumer<String, byte[]> member,
      TopicPartition partition,
      Doubt doubt,
      long next,
      int tried) {
    doubt.next = next;
    doubt.tried = tried;
    doubt.begun = false;
    if (--doubt.left <= 0) {
      trust(member, partition, doubt);
    } else {
      member.commitSync(Map.of(partition, marked(next, tried)));
    }
  }

  private void undo(KafkaConsumer<String, byte[]> member, TopicPartition partition, Doubt doubt) {
    doubt.begun = false;
    doubt.tried--;
    member.commitSync(Map.of(partition, marked(doubt.next, doubt.tried)));
  }

  private void takeBack(
      KafkaConsumer<String, byte[]> member,
      TopicPartition partition,
      Doubt doubt,
      RuntimeException failure) {
    try {
      if (doubt.begun) {
        undo(member, partition, doubt);
      }
    } catch (KafkaException e) {
      failure.addSuppressed(e);
    }
  }

  private void trust(KafkaConsumer<String, byte[]> member, TopicPartition partition, Doubt doubt) {
    member.commitSync(Map.of(partition, new OffsetAndMetadata(doubt.next)));
    member.seek(partition, doubt.next);
    doubtful.remove(partition);
    forgetLone();
  }

  /// An attempt that ends because this process is told to end does not count.
  void leave(KafkaConsumer<String, byte[]> member) {
    doubtful.forEach(
        (partition, doubt) -> {
          if (doubt.begun) {
            undo(member, partition, doubt);
          }
        });
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

  /// Nothing is in doubt any more, as others may have the partitions.
  void forget() {
    doubtful.clear();
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
