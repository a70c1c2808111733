package dev.nexus.command.trigger;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/// Writes CloudEvents as a producer with Avro's own library and the published schema does.
public final class AvroEvents {
  private static final Schema SCHEMA =
      new Schema.Parser()
          .parse(
              """
              {"namespace": "io.cloudevents", "type": "record", "name": "CloudEvent", "fields": [
                {"name": "attribute", "type":
                  {"type": "map", "values": ["null", "boolean", "int", "string", "bytes"]}},
                {"name": "data", "type": ["bytes", "null", "boolean",
                  {"type": "map", "values": ["null", "boolean",
                    {"type": "record", "name": "CloudEventData", "fields": [
                      {"name": "value", "type": {"type": "map", "values": ["null", "boolean",
                        {"type": "map", "values": "CloudEventData"},
                        {"type": "array", "items": "CloudEventData"}, "double", "string"]}}]},
                    "double", "string"]},
                  {"type": "array", "items": "CloudEventData"}, "double", "string"]}]}
              """);

  private AvroEvents() {}

  /// @param data as Avro's generic writer takes it; see `record` for nested objects
  public static byte[] write(Map<String, Object> attributes, @Nullable Object data) {
    GenericRecord event = new GenericData.Record(SCHEMA);
    event.put("attribute", attributes);
    event.put("data", data);
    var out = new ByteArrayOutputStream();
    try {
      var encoder = EncoderFactory.get().binaryEncoder(out, null);
      new GenericDatumWriter<GenericRecord>(SCHEMA).write(event, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /// A nested object.
  static GenericRecord object(Map<String, @Nullable Object> members) {
    Schema map = SCHEMA.getField("data").schema().getTypes().get(3);
    GenericRecord object = new GenericData.Record(map.getValueType().getTypes().get(2));
    object.put("value", members);
    return object;
  }
}
