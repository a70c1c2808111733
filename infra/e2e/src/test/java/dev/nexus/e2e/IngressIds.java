package dev.nexus.e2e;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;

/// Ids of the events that stand on `nexus.ingress` now.
final class IngressIds {
  private IngressIds() {}

  static List<String> of(PlatformExtension platform) {
    var reader = new TopicReader(new KafkaClients(platform.platform().settings()));
    List<String> ids = new ArrayList<>();
    for (var record : reader.records(Topic.INGRESS)) {
      Header id = record.headers().lastHeader("ce_id");
      if (id != null && id.value() != null) {
        ids.add(new String(id.value(), StandardCharsets.UTF_8));
      }
    }
    return ids;
  }
}
