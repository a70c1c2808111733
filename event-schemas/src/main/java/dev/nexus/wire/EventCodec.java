package dev.nexus.wire;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.topic.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/// Turns the events of one topic into bytes and back: byte 0, the schema's id as 4 bytes, then the
/// flat Avro record. Safe for use by many threads.
///
/// @param <E> root of the topic's sealed hierarchy
public final class EventCodec<E> {
  private static final Map<Topic, EventCodec<?>> CODECS =
      new java.util.concurrent.ConcurrentHashMap<>();

  private final Topic topic;
  private final Class<E> root;
  private final EventTable table;
  private final SchemaCatalog.Version version;
  private final Scalar[] scalars;
  private final Object[] absents;
  private final int[] envelopeColumns;
  private final Map<Class<?>, int[]> bodyColumns = new HashMap<>();

  private EventCodec(Topic topic, Class<E> root) {
    this.topic = topic;
    this.root = root;
    this.table = new EventTable(topic);
    this.version =
        SchemaCatalog.released()
            .newest(topic)
            .orElseThrow(() -> new IllegalStateException("no schema released for " + topic));
    List<Schema.Field> fields = version.schema().getFields();
    scalars = new Scalar[fields.size()];
    absents = new Object[fields.size()];
    for (int i = 1; i < scalars.length; i++) {
      FlatRecord.Column column = table.columns().get(fields.get(i).name());
      if (column != null) {
        scalars[i] = column.scalar();
        absents[i] = isOptional(column.scalar()) ? column.scalar().absent() : MISSING;
      }
    }
    envelopeColumns = indexes(table.envelope());
    for (Class<?> body : topic.events().getPermittedSubclasses()) {
      bodyColumns.put(body, indexes(table.body(body)));
    }
  }

  private static final Object MISSING = new Object();

  /// Ids and enums have no absent value: a record that needs one and lacks it is unreadable.
  private static boolean isOptional(Scalar scalar) {
    return !(scalar instanceof Scalar.Text(var type))
        || type == String.class
        || type == dev.nexus.event.Json.class;
  }

  private int[] indexes(FlatRecord record) {
    return record.columns().stream()
        .mapToInt(
            column -> {
              Schema.Field field = version.schema().getField(column.name());
              if (field == null) {
                throw new IllegalStateException(
                    "schema v" + version.version() + " of " + topic + " lacks " + column.name());
              }
              return field.pos();
            })
        .toArray();
  }

  /// The codec of a topic whose hierarchy is `root`.
  @SuppressWarnings("unchecked")
  public static <E> EventCodec<E> of(Topic topic, Class<E> root) {
    if (topic.events() != root) {
      throw new IllegalArgumentException(topic + " carries " + topic.events().getSimpleName());
    }
    return (EventCodec<E>) CODECS.computeIfAbsent(topic, t -> new EventCodec<>(t, root));
  }

  public Topic topic() {
    return topic;
  }

  public byte[] encode(Event<? extends E> event) {
    FlatRecord body = table.body(event.body().getClass());
    @Nullable Object[] row = new Object[scalars.length];
    scatter(table.envelope(), event.envelope(), envelopeColumns, row);
    scatter(body, event.body(), columnsOf(event.body()), row);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    bytes.writeBytes(WireHeader.of(version.id()));
    BinaryEncoder out = EncoderFactory.get().directBinaryEncoder(bytes, null);
    try {
      out.writeString(event.body().getClass().getSimpleName());
      for (int i = 1; i < row.length; i++) {
        Object value = row[i];
        if (value == null || scalars[i].isAbsent(value)) {
          out.writeIndex(0);
        } else {
          out.writeIndex(1);
          scalars[i].write(value, out);
        }
      }
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory takes every byte", e);
    }
    return bytes.toByteArray();
  }

  private int[] columnsOf(Object body) {
    return java.util.Objects.requireNonNull(bodyColumns.get(body.getClass()));
  }

  private static void scatter(
      FlatRecord record, Object instance, int[] columns, @Nullable Object[] row) {
    @Nullable Object[] values = new Object[columns.length];
    record.take(instance, values, 0);
    for (int i = 0; i < columns.length; i++) {
      row[columns[i]] = values[i];
    }
  }

  /// Reads an event; throws `UnreadableRecordException` for anything but an event of this topic.
  public Event<E> decode(byte @Nullable [] bytes) {
    int id = WireHeader.schemaId(bytes);
    BinaryDecoder in = WireHeader.content(bytes);
    try {
      return id == version.id() ? readOwn(in) : readOther(id, in);
    } catch (UnreadableRecordException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw WireHeader.broken(topic, e);
    }
  }

  private Event<E> readOwn(BinaryDecoder in) throws IOException {
    FlatRecord body = table.body(in.readString());
    Object[] row = absents.clone();
    for (int i = 1; i < scalars.length; i++) {
      int branch = in.readIndex();
      if (branch == 1) {
        row[i] = scalars[i].read(in);
      } else if (branch != 0) {
        throw new UnreadableRecordException("union branch 0 or 1 expected, found " + branch);
      }
    }
    return assemble(body, row);
  }

  private Event<E> readOther(int id, BinaryDecoder in) throws IOException {
    SchemaCatalog.Version writer = WireHeader.writer(topic, id);
    GenericRecord generic =
        new GenericDatumReader<GenericRecord>(writer.schema(), version.schema()).read(null, in);
    FlatRecord body = table.body(generic.get(EventTable.EVENT_TYPE).toString());
    Object[] row = absents.clone();
    for (int i = 1; i < scalars.length; i++) {
      Object value = generic.get(i);
      if (value != null) {
        row[i] = scalars[i].fromGeneric(value);
      }
    }
    return assemble(body, row);
  }

  private Event<E> assemble(FlatRecord body, Object[] row) {
    Envelope envelope = (Envelope) gather(table.envelope(), envelopeColumns, row);
    int[] columns = java.util.Objects.requireNonNull(bodyColumns.get(body.type()));
    return new Event<>(envelope, root.cast(gather(body, columns, row)));
  }

  private Object gather(FlatRecord record, int[] columns, Object[] row) {
    Object[] values = new Object[columns.length];
    for (int i = 0; i < columns.length; i++) {
      Object value = row[columns[i]];
      if (value == MISSING) {
        throw new UnreadableRecordException(
            record.type().getSimpleName()
                + " needs a value in column "
                + version.schema().getFields().get(columns[i]).name());
      }
      values[i] = value;
    }
    return record.make(values, new int[1]);
  }

  /// All event types of the topic, in the order of the sealed hierarchy.
  public List<Class<?>> eventTypes() {
    return new ArrayList<>(List.of(topic.events().getPermittedSubclasses()));
  }
}
