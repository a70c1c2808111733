package dev.nexus.e2e;

import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.ArrayList;
import java.util.List;

/// What a platform refused, as its audit has it.
final class Denials {
  /// A refusal and who was refused.
  record Denied(String actor, AccessDenied denial) {}

  private Denials() {}

  static List<Denied> of(PlatformExtension platform) {
    var reader = new TopicReader(new KafkaClients(platform.platform().settings()));
    List<Denied> found = new ArrayList<>();
    reader
        .read(Topic.AUDIT_INTENTS, EventCodec.of(Topic.AUDIT_INTENTS, AuditEvent.class))
        .forEach(
            event -> {
              if (event.body() instanceof AccessDenied denied) {
                found.add(new Denied(event.envelope().actor(), denied));
              }
            });
    return found;
  }

  /// The actor of a key such as `nxs_live_AbCd1234…`.
  static String actorOf(String key) {
    int begin = "nxs_live_".length();
    return "key:" + key.substring(begin, begin + 8);
  }
}
