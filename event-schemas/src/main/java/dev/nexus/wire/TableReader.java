package dev.nexus.wire;

import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/// Reads the records of a topic as rows of a table: the newest released schema, whichever version
/// wrote a record. For whoever wants columns instead of events. Safe for use by many threads.
public final class TableReader {
  private static final int HEADER = 5;

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
    if (bytes == null || bytes.length < HEADER || bytes[0] != 0) {
      throw new UnreadableRecordException(
          "Avro in Confluent wire format (byte 0, schema id) expected");
    }
    int id = ByteBuffer.wrap(bytes, 1, 4).getInt();
    Schema writer =
        SchemaCatalog.released()
            .byId(id)
            .filter(v -> v.topic().schemaName().equals(topic.schemaName()))
            .orElseThrow(
                () ->
                    new UnreadableRecordException(
                        "a schema of " + topic.topicName() + " expected, found schema id " + id))
            .schema();
    try {
      return new GenericDatumReader<GenericRecord>(writer, schema)
          .read(
              null, DecoderFactory.get().binaryDecoder(bytes, HEADER, bytes.length - HEADER, null));
    } catch (IOException
        | AvroRuntimeException
        | IndexOutOfBoundsException
        | NegativeArraySizeException e) {
      throw new UnreadableRecordException(
          "broken record of " + topic.topicName() + ": " + e.getMessage(), e);
    }
  }
}
