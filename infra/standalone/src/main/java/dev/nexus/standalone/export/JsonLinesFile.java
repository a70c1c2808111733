package dev.nexus.standalone.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import dev.nexus.event.TimeText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/// Rows as JSON, an object a line: absent columns are left out, times are ISO 8601, bytes Base64.
final class JsonLinesFile implements RowFile {
  private final JsonGenerator out;
  private final List<Schema.Field> columns;

  JsonLinesFile(Path file, Schema schema) throws IOException {
    this.columns = schema.getFields();
    this.out = new JsonFactory().createGenerator(Files.newBufferedWriter(file));
    out.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
  }

  @Override
  public void write(GenericRecord row) throws IOException {
    out.writeStartObject();
    for (Schema.Field column : columns) {
      Object value = row.get(column.pos());
      if (value != null) {
        out.writeFieldName(column.name());
        write(value, column.schema());
      }
    }
    out.writeEndObject();
  }

  private void write(Object value, Schema type) throws IOException {
    switch (value) {
      case Long number when isTime(type) ->
          out.writeString(TimeText.of(Instant.ofEpochMilli(number)));
      case Long number -> out.writeNumber(number);
      case Integer number -> out.writeNumber(number);
      case Double number -> out.writeNumber(number);
      case Boolean flag -> out.writeBoolean(flag);
      case ByteBuffer bytes -> out.writeString(base64(bytes));
      case List<?> items -> {
        out.writeStartArray();
        for (Object item : items) {
          out.writeString(item.toString());
        }
        out.writeEndArray();
      }
      default -> out.writeString(value.toString());
    }
  }

  private static String base64(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return Base64.getEncoder().encodeToString(copy);
  }

  private static boolean isTime(Schema type) {
    return type.isUnion()
        ? type.getTypes().stream().anyMatch(JsonLinesFile::isTime)
        : type.getLogicalType() instanceof LogicalTypes.TimestampMillis;
  }

  @Override
  public void close() throws IOException {
    out.writeRaw('\n');
    out.close();
  }
}
