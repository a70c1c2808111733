package dev.nexus.standalone.export;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.TableReader;
import dev.nexus.wire.UnreadableRecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Writes what a topic holds at this moment to a file, record by record: committed records only,
/// each as a row of the topic's table and behind it where it stood (`logPartition`, `logOffset`).
/// A record that is twice on the log is twice in the file, with the same `eventId`.
public final class TopicExport {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// What is wanted: records with a time from `from` on and before `to`.
  public record Range(Instant from, Instant to) {
    boolean holds(ConsumerRecord<?, ?> record) {
      return record.timestamp() >= from.toEpochMilli()
          && Instant.ofEpochMilli(record.timestamp()).isBefore(to);
    }
  }

  /// What came of it.
  ///
  /// @param unreadable records that are no events of the topic and were left out
  public record Result(long rows, long unreadable, long bytes) {}

  /// Is told now and then how far it is.
  public interface Watcher {
    void at(long read, long of, long rows);
  }

  private final KafkaClients clients;
  private final Topic topic;
  private final TableReader reader;
  private final Schema columns;
  private long rows;
  private long unreadable;

  /// @param topic one with a table, not that of outside events as they came
  public TopicExport(KafkaClients clients, Topic topic) {
    this.clients = clients;
    this.topic = topic;
    this.reader = new TableReader(topic);
    this.columns = withPlace(reader.schema());
  }

  private static Schema withPlace(Schema table) {
    List<Schema.Field> fields =
        Stream.concat(
                table.getFields().stream().map(field -> new Schema.Field(field, field.schema())),
                Stream.of(
                    new Schema.Field("logPartition", Schema.create(Schema.Type.INT)),
                    new Schema.Field("logOffset", Schema.create(Schema.Type.LONG))))
            .toList();
    return Schema.createRecord(
        table.getName(), table.getDoc(), table.getNamespace(), false, fields);
  }

  /// Writes the file; while it is being written it is called `FILE.part`, so what has the name is
  /// whole. Throws `IOException` when the disk takes no more, and leaves nothing behind then.
  public Result write(Path file, ExportFormat format, Range range, Watcher watcher)
      throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (RowFile out = format.create(part, columns);
          var consumer = clients.assignedConsumer("nexus-export")) {
        copy(consumer, out, range, watcher);
      }
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
      return new Result(rows, unreadable, Files.size(file));
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private void copy(
      KafkaConsumer<String, byte[]> consumer, RowFile out, Range range, Watcher watcher)
      throws IOException {
    List<TopicPartition> partitions =
        consumer.partitionsFor(clients.name(topic), PATIENCE).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    long of = seek(consumer, ends, range.from());
    long left = of;
    long moved = System.nanoTime();
    while (left > 0) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        var partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < ends.getOrDefault(partition, 0L) && range.holds(record)) {
          take(record, out);
        }
      }
      long before = left;
      left =
          ends.entrySet().stream()
              .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
              .sum();
      if (left < before) {
        moved = System.nanoTime();
      } else if (System.nanoTime() - moved > PATIENCE.toNanos()) {
        throw new IOException(
            "the log has not given a record for %d s; %d of %d were read"
                .formatted(PATIENCE.toSeconds(), of - left, of));
      }
      watcher.at(of - left, of, rows);
    }
  }

  /// To the first record of each partition that is not too old; gives how many there are from
  /// there to the ends. Times on a log need not rise, but nothing before that one is new enough.
  private static long seek(
      KafkaConsumer<String, byte[]> consumer, Map<TopicPartition, Long> ends, Instant from) {
    consumer.seekToBeginning(ends.keySet());
    if (from.isAfter(Instant.EPOCH)) {
      var asked =
          ends.keySet().stream().collect(Collectors.toMap(p -> p, p -> from.toEpochMilli()));
      consumer.seekToEnd(ends.keySet());
      consumer
          .offsetsForTimes(asked)
          .forEach(
              (partition, first) -> {
                if (first != null) {
                  consumer.seek(partition, first.offset());
                }
              });
    }
    return ends.entrySet().stream()
        .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
        .sum();
  }

  private void take(ConsumerRecord<String, byte[]> record, RowFile out) throws IOException {
    if (record.value() == null) {
      return;
    }
    GenericRecord read;
    try {
      read = reader.read(record.value());
    } catch (UnreadableRecordException e) {
      unreadable++;
      return;
    }
    GenericRecord row = new GenericData.Record(columns);
    int at = 0;
    for (; at < read.getSchema().getFields().size(); at++) {
      row.put(at, read.get(at));
    }
    row.put(at, record.partition());
    row.put(at + 1, record.offset());
    out.write(row);
    rows++;
  }
}
