package dev.nexus.wire;

import dev.nexus.topic.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;

/// Every schema version ever released, by stable id. They lie in `schemas/<name>.v<N>.avsc`.
public final class SchemaCatalog {
  /// One released schema.
  public record Version(Topic topic, int version, int id, Schema schema) {}

  private static final SchemaCatalog RELEASED = new SchemaCatalog();

  private final Map<String, List<Version>> byName = new HashMap<>();
  private final Map<Integer, Version> byId = new HashMap<>();

  private SchemaCatalog() {
    for (Topic topic : Topic.values()) {
      if (topic.hasSchema() && !byName.containsKey(topic.schemaName())) {
        byName.put(topic.schemaName(), load(topic));
      }
    }
    byName.values().forEach(list -> list.forEach(v -> byId.put(v.id(), v)));
  }

  public static SchemaCatalog released() {
    return RELEASED;
  }

  /// All versions of a topic's schema, oldest first; empty only while a new one is being written.
  public List<Version> versions(Topic topic) {
    return byName.getOrDefault(topic.schemaName(), List.of());
  }

  public Optional<Version> newest(Topic topic) {
    List<Version> all = versions(topic);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  public Optional<Version> byId(int id) {
    return Optional.ofNullable(byId.get(id));
  }

  private static List<Version> load(Topic topic) {
    List<Version> versions = new ArrayList<>();
    for (int version = 1; ; version++) {
      String file = "/schemas/" + topic.schemaName() + ".v" + version + ".avsc";
      try (InputStream in = SchemaCatalog.class.getResourceAsStream(file)) {
        if (in == null) {
          return List.copyOf(versions);
        }
        Schema schema = new Schema.Parser().parse(in);
        versions.add(new Version(topic, version, topic.schemaId(version), schema));
      } catch (IOException e) {
        throw new IllegalStateException("cannot read " + file, e);
      }
    }
  }
}
