package dev.nexus.wire;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;

/// How one Java type of a record component stands in a column. An absent value of a type is what
/// `absent` says; the column itself is nullable so that schemas can evolve.
sealed interface Scalar {
  Schema schema();

  Object absent();

  /// Column of a component: durations say their unit.
  default String column(String component) {
    return component;
  }

  void write(Object value, BinaryEncoder out) throws IOException;

  Object read(BinaryDecoder in) throws IOException;

  /// Takes what Avro's generic reader gives for the column.
  Object fromGeneric(Object value);

  /// Whether the value is written as null.
  default boolean isAbsent(Object value) {
    return false;
  }

  static Scalar of(Class<?> type) {
    if (type == String.class) return new Text(String.class);
    if (type == UUID.class) return new Text(UUID.class);
    if (type == TenantId.class) return new Text(TenantId.class);
    if (type == ExecutionId.class) return new Text(ExecutionId.class);
    if (type == Json.class) return new Text(Json.class);
    if (type.isEnum()) return new Text(type);
    if (type == long.class) return new Whole(long.class);
    if (type == Instant.class) return new Whole(Instant.class);
    if (type == Duration.class) return new Whole(Duration.class);
    if (type == int.class) return new Small();
    if (type == double.class) return new Real();
    if (type == boolean.class) return new Truth();
    if (type == List.class) return new Texts();
    if (type == ByteBuffer.class) return new Bytes();
    throw new IllegalArgumentException("no column type for " + type.getName());
  }

  /// Strings and everything that has a text form.
  record Text(Class<?> type) implements Scalar {
    @Override
    public Schema schema() {
      return Schema.create(Schema.Type.STRING);
    }

    @Override
    public Object absent() {
      return type == String.class ? "" : type == Json.class ? Json.NULL : parse("");
    }

    @Override
    public boolean isAbsent(Object value) {
      return type == String.class && ((String) value).isEmpty();
    }

    @Override
    public void write(Object value, BinaryEncoder out) throws IOException {
      out.writeString(value instanceof Enum<?> e ? e.name() : value.toString());
    }

    @Override
    public Object read(BinaryDecoder in) throws IOException {
      return parse(in.readString());
    }

    @Override
    public Object fromGeneric(Object value) {
      return parse(value.toString());
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private Object parse(String text) {
      if (type == String.class) return text;
      if (type == Json.class) return new Json(text);
      try {
        if (type == UUID.class) return UUID.fromString(text);
        if (type == TenantId.class) return new TenantId(text);
        if (type == ExecutionId.class) return ExecutionId.parse(text);
        return Enum.valueOf((Class<? extends Enum>) type, text);
      } catch (IllegalArgumentException e) {
        throw new UnreadableRecordException(
            type.getSimpleName() + " expected, found '" + text + "'", e);
      }
    }
  }

  /// Long numbers, instants (milliseconds since the epoch) and durations (milliseconds).
  record Whole(Class<?> type) implements Scalar {
    @Override
    public Schema schema() {
      Schema number = Schema.create(Schema.Type.LONG);
      return type == Instant.class ? LogicalTypes.timestampMillis().addToSchema(number) : number;
    }

    @Override
    public String column(String component) {
      return type == Duration.class ? component + "Ms" : component;
    }

    @Override
    public Object absent() {
      return fromNumber(0);
    }

    @Override
    public void write(Object value, BinaryEncoder out) throws IOException {
      out.writeLong(
          switch (value) {
            case Instant at -> at.toEpochMilli();
            case Duration time -> time.toMillis();
            case Long number -> number;
            default -> throw new IllegalArgumentException("no number: " + value);
          });
    }

    @Override
    public Object read(BinaryDecoder in) throws IOException {
      return fromNumber(in.readLong());
    }

    @Override
    public Object fromGeneric(Object value) {
      return fromNumber(((Number) value).longValue());
    }

    private Object fromNumber(long number) {
      if (type == Instant.class) return Instant.ofEpochMilli(number);
      if (type == Duration.class) return Duration.ofMillis(number);
      return number;
    }
  }

  record Small() implements Scalar {
    @Override
    public Schema schema() {
      return Schema.create(Schema.Type.INT);
    }

    @Override
    public Object absent() {
      return 0;
    }

    @Override
    public void write(Object value, BinaryEncoder out) throws IOException {
      out.writeInt((Integer) value);
    }

    @Override
    public Object read(BinaryDecoder in) throws IOException {
      return in.readInt();
    }

    @Override
    public Object fromGeneric(Object value) {
      return ((Number) value).intValue();
    }
  }

  record Real() implements Scalar {
    @Override
    public Schema schema() {
      return Schema.create(Schema.Type.DOUBLE);
    }

    @Override
    public Object absent() {
      return 0.0;
    }

    @Override
    public void write(Object value, BinaryEncoder out) throws IOException {
      out.writeDouble((Double) value);
    }

    @Override
    public Object read(BinaryDecoder in) throws IOException {
      return in.readDouble();
    }

    @Override
    public Object fromGeneric(Object value) {
      return ((Number) value).doubleValue();
    }
  }

  record Truth() implements Scalar {
    @Override
    public Schema schema() {
      return Schema.create(Schema.Type.BOOLEAN);
    }

    @Override
    public Object absent() {
      return false;
    }

    @Override
    public void write(Object value, BinaryEncoder out) throws IOException {
      out.writeBoolean((Boolean) value);
    }

    @Override
    public Object read(BinaryDecoder in) throws IOException {
      return in.readBoolean();
    }

    @Override
    public Object fromGeneric(Object value) {
      return value;
    }
  }

  record Texts() implements Scalar {
    @Override
    public Schema schema() {
      return Schema.createArray(Schema.create(Schema.Type.STRING));
    }

    @Override
    public Object absent() {
      return List.of();
    }

    @Override
    public void write(Object value, BinaryEncoder out) throws IOException {
      List<?> texts = (List<?>) value;
      out.writeArrayStart();
      out.setItemCount(texts.size());
      for (Object text : texts) {
        out.startItem();
        out.writeString(text.toString());
      }
      out.writeArrayEnd();
    }

    @Override
    public Object read(BinaryDecoder in) throws IOException {
      List<String> texts = new ArrayList<>();
      for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
        for (long i = 0; i < left; i++) {
          texts.add(in.readString());
        }
      }
      return List.copyOf(texts);
    }

    @Override
    public Object fromGeneric(Object value) {
      return ((List<?>) value).stream().map(Object::toString).toList();
    }
  }

  record Bytes() implements Scalar {
    @Override
    public Schema schema() {
      return Schema.create(Schema.Type.BYTES);
    }

    @Override
    public Object absent() {
      return ByteBuffer.allocate(0);
    }

    @Override
    public void write(Object value, BinaryEncoder out) throws IOException {
      out.writeBytes(((ByteBuffer) value).duplicate());
    }

    @Override
    public Object read(BinaryDecoder in) throws IOException {
      return in.readBytes(null);
    }

    @Override
    public Object fromGeneric(Object value) {
      return value;
    }
  }
}
