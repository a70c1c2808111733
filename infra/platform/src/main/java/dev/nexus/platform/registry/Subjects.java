package dev.nexus.platform.registry;

import dev.nexus.topic.Topic;
import dev.nexus.wire.SchemaCatalog;
import dev.nexus.wire.SchemaCatalog.Version;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// Released schemas by subject: a topic's name on the brokers followed by `-value`, which is what
/// clients of a Schema Registry ask for unless told otherwise. Topics that carry the same events
/// have subjects of their own with the same ids.
final class Subjects {
  private static final String VALUE = "-value";

  private final SchemaCatalog catalog = SchemaCatalog.released();
  private final Map<String, Topic> topics = new TreeMap<>();

  /// `name` is the name of a topic on this installation's brokers.
  Subjects(Function<Topic, String> name) {
    for (Topic topic : Topic.values()) {
      if (topic.hasSchema()) {
        topics.put(name.apply(topic) + VALUE, topic);
      }
    }
  }

  /// By name.
  List<String> names() {
    return List.copyOf(topics.keySet());
  }

  /// Versions of a subject, oldest first; empty when there is no such subject.
  List<Version> versions(String subject) {
    Topic topic = topics.get(subject);
    return topic == null ? List.of() : catalog.versions(topic);
  }

  /// Subjects that have this version, by name: topics with the same events share it.
  List<String> of(Version version) {
    return topics.entrySet().stream()
        .filter(entry -> entry.getValue().schemaName().equals(version.topic().schemaName()))
        .map(Map.Entry::getKey)
        .toList();
  }

  Optional<Version> byId(int id) {
    return catalog.byId(id);
  }
}
