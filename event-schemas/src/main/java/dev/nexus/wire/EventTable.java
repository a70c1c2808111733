package dev.nexus.wire;

import dev.nexus.event.Envelope;
import dev.nexus.topic.Topic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;

/// The table a sealed hierarchy of events makes: `eventType`, the envelope's columns, and the
/// union of the columns of its records. The Avro schema is derived from it; what is derived must
/// equal the newest schema in `schemas/`, which a test demands.
final class EventTable {
  static final String EVENT_TYPE = "eventType";

  private final Topic topic;
  private final FlatRecord envelope = new FlatRecord(Envelope.class);
  private final Map<Class<?>, FlatRecord> bodies = new LinkedHashMap<>();
  private final Map<String, FlatRecord> bodiesByName = new LinkedHashMap<>();
  private final Map<String, FlatRecord.Column> columns = new LinkedHashMap<>();

  EventTable(Topic topic) {
    this.topic = topic;
    envelope.columns().forEach(this::declare);
    for (Class<?> body : topic.events().getPermittedSubclasses()) {
      if (!body.isRecord() || !topic.events().isAssignableFrom(body)) {
        throw new IllegalStateException(body.getName() + " must be a record");
      }
      FlatRecord record = new FlatRecord(body);
      bodies.put(body, record);
      bodiesByName.put(body.getSimpleName(), record);
      record.columns().forEach(this::declare);
    }
  }

  private void declare(FlatRecord.Column column) {
    FlatRecord.Column known = columns.putIfAbsent(column.name(), column);
    if (known != null && !known.scalar().schema().equals(column.scalar().schema())) {
      throw new IllegalStateException(
          topic + "." + column.name() + " has two types in one table; give one another name");
    }
  }

  FlatRecord envelope() {
    return envelope;
  }

  FlatRecord body(Class<?> type) {
    FlatRecord record = bodies.get(type);
    if (record == null) {
      throw new IllegalArgumentException(type.getName() + " is no event of " + topic);
    }
    return record;
  }

  FlatRecord body(String eventType) {
    FlatRecord record = bodiesByName.get(eventType);
    if (record == null) {
      throw new UnreadableRecordException(
          "event of " + topic.topicName() + " expected, found eventType '" + eventType + "'");
    }
    return record;
  }

  Map<String, FlatRecord.Column> columns() {
    return columns;
  }

  /// The Avro schema this table needs, every column nullable so that all versions are compatible.
  Schema schema() {
    List<Schema.Field> fields = new ArrayList<>();
    fields.add(
        new Schema.Field(
            EVENT_TYPE,
            Schema.create(Schema.Type.STRING),
            "Which event this is; it says which of the other columns are filled."));
    columns.forEach(
        (name, column) ->
            fields.add(
                new Schema.Field(
                    name,
                    Schema.createUnion(Schema.create(Schema.Type.NULL), column.scalar().schema()),
                    column.doc(),
                    JsonProperties.NULL_VALUE)));
    return Schema.createRecord(
        topic.schemaName(),
        "Events on " + topic.topicName() + ", flat: one row an event.",
        "dev.nexus.avro",
        false,
        fields);
  }
}
