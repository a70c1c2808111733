package dev.nexus.wire;

import dev.nexus.topic.Topic;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/// Reads the records of a topic as rows of a table: the newest released schema, whichever version
/// wrote a record. For whoever wants columns instead of events. Safe for use by many threads.
public final class TableReader {
  private final Topic topic;
  private final Schema schema;

  public TableReader(Topic topic) {
    this.topic = topic;
    this.schema =
        SchemaCatalog.released()
            .newest(topic)
            .orElseThrow(() -> new IllegalArgumentException(topic + " has no table"))
            .schema();
  }

  /// The columns.
  public Schema schema() {
    return schema;
  }

  /// Reads a row; throws `UnreadableRecordException` for anything but an event of this topic.
  public GenericRecord read(byte @Nullable [] bytes) {
    Schema writer = WireHeader.writer(topic, WireHeader.schemaId(bytes)).schema();
    try {
      return new GenericDatumReader<GenericRecord>(writer, schema)
          .read(null, WireHeader.content(bytes));
    } catch (IOException | RuntimeException e) {
      throw WireHeader.broken(topic, e);
    }
  }
}
