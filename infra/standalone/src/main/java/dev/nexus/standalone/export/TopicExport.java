package dev.nexus.standalone.export;

import dev.nexus.standalone.log.TopicReading;
import dev.nexus.standalone.log.TopicReading.From;
import dev.nexus.topic.Topic;
import dev.nexus.wire.TableReader;
import dev.nexus.wire.UnreadableRecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Writes what a topic holds at this moment to a file, record by record: committed records only,
/// each as a row of the topic's table and behind it where it stood (`logPartition`, `logOffset`).
/// A record that is twice on the log is twice in the file, with the same `eventId`.
public final class TopicExport {
  /// What is wanted: records that the log took from `from` on and before `to`.
  public record Range(Instant from, Instant to) {
    /// Where to begin to read for it.
    public From start() {
      return from.isAfter(Instant.EPOCH) ? new From.Time(from) : new From.Beginning();
    }

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

  private final TableReader reader;
  private final Schema columns;

  /// @param topic one with a table, not that of outside events as they came
  public TopicExport(Topic topic) {
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
  ///
  /// @param log the topic, from where the range begins
  public Result write(
      TopicReading log, Path file, ExportFormat format, Range range, Watcher watcher)
      throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Rows rows;
      try (RowFile out = format.create(part, columns)) {
        rows = new Rows(out);
        log.toTheEnd(
            record -> {
              if (range.holds(record)) {
                rows.take(record);
              }
            },
            (read, of) -> watcher.at(read, of, rows.written));
      }
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
      return new Result(rows.written, rows.unreadable, Files.size(file));
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /// The rows of one file, counted.
  private final class Rows {
    private final RowFile out;
    private long written;
    private long unreadable;

    Rows(RowFile out) {
      this.out = out;
    }

    void take(ConsumerRecord<String, byte[]> record) throws IOException {
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
      written++;
    }
  }
}
