package dev.nexus.wire;

import dev.nexus.topic.Topic;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/// What stands before the Avro of every event, as Confluent's serializers write it: byte 0 and the
/// id of the schema it was written with.
final class WireHeader {
  static final int BYTES = 5;

  private WireHeader() {}

  static byte[] of(int schemaId) {
    return ByteBuffer.allocate(BYTES).put((byte) 0).putInt(schemaId).array();
  }

  /// Id of the schema; throws `UnreadableRecordException` for what does not begin so.
  static int schemaId(byte @Nullable [] record) {
    if (record == null || record.length < BYTES || record[0] != 0) {
      throw new UnreadableRecordException(
          "Avro in Confluent wire format (byte 0, schema id) expected, found "
              + (record == null ? "no value" : record.length + " bytes of something else"));
    }
    return ByteBuffer.wrap(record, 1, Integer.BYTES).getInt();
  }

  /// The Avro behind the header of a record that has one.
  static BinaryDecoder content(byte @Nullable [] record) {
    byte[] bytes = Objects.requireNonNull(record);
    return DecoderFactory.get().binaryDecoder(bytes, BYTES, bytes.length - BYTES, null);
  }

  /// The released schema with this id; throws `UnreadableRecordException` when it is none of the
  /// topic.
  static SchemaCatalog.Version writer(Topic topic, int schemaId) {
    return SchemaCatalog.released()
        .byId(schemaId)
        .filter(version -> version.topic().schemaName().equals(topic.schemaName()))
        .orElseThrow(
            () ->
                new UnreadableRecordException(
                    "a schema of "
                        + topic.topicName()
                        + " expected, found schema id "
                        + schemaId
                        + " (written by a newer version?)"));
  }

  /// Reading is a pure function: whatever it throws, it would throw the same at each attempt, and a
  /// reader that does not know it would stop there for ever.
  static UnreadableRecordException broken(Topic topic, Exception cause) {
    return new UnreadableRecordException(
        "broken record of " + topic.topicName() + ": " + cause.getMessage(), cause);
  }
}
