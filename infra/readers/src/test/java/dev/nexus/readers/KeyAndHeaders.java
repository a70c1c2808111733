package dev.nexus.readers;

import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.CloudEventHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What is seen of a record by one who decodes nothing.
record KeyAndHeaders(String key, String id, String type) {

  /// Of all that is on a topic and committed.
  static List<KeyAndHeaders> onLog(KafkaClients clients, Topic topic) {
    return Traffic.records(clients, topic).stream()
        .map(
            record ->
                new KeyAndHeaders(
                    record.key(),
                    EventRecords.id(record.headers()),
                    EventRecords.type(record.headers())))
        .toList();
  }

  /// As kcat prints it with `%k %h`, a record a line.
  static List<KeyAndHeaders> printed(String lines) {
    return lines.lines().map(KeyAndHeaders::printedLine).toList();
  }

  private static KeyAndHeaders printedLine(String line) {
    int space = line.indexOf(' ');
    Map<String, String> headers = new HashMap<>();
    for (String header : line.substring(space + 1).split(",", -1)) {
      int equals = header.indexOf('=');
      headers.put(header.substring(0, Math.max(0, equals)), header.substring(equals + 1));
    }
    return new KeyAndHeaders(
        line.substring(0, Math.max(0, space)),
        headers.getOrDefault(CloudEventHeaders.ID, ""),
        headers
            .getOrDefault(CloudEventHeaders.TYPE, "")
            .replace(CloudEventHeaders.TYPE_PREFIX, ""));
  }
}
