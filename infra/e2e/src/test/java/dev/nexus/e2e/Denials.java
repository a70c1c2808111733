package dev.nexus.e2e;

import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/// What a platform refused, as its audit has it.
final class Denials {
  /// A refusal and who was refused.
  record Denied(String actor, AccessDenied denial) {}

  /// Of a topic: larger records are refused.
  private static final String LIMIT = "max.message.bytes";

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

  /// Does something while the log takes no audit.
  static void withoutAudit(PlatformExtension platform, Runnable work) {
    KafkaClients clients = new KafkaClients(platform.platform().settings());
    var topic = new ConfigResource(ConfigResource.Type.TOPIC, clients.name(Topic.AUDIT_INTENTS));
    try (Admin admin = clients.admin()) {
      String limit =
          admin.describeConfigs(List.of(topic)).all().get().get(topic).get(LIMIT).value();
      try {
        limit(admin, topic, "1");
        work.run();
      } finally {
        limit(admin, topic, limit);
      }
    } catch (ExecutionException e) {
      throw new AssertionError("the broker refused", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void limit(Admin admin, ConfigResource topic, String bytes)
      throws ExecutionException, InterruptedException {
    var set = new AlterConfigOp(new ConfigEntry(LIMIT, bytes), AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get();
  }

  /// The actor of a key such as `nxs_live_AbCd1234…`.
  static String actorOf(String key) {
    int begin = "nxs_live_".length();
    return "key:" + key.substring(begin, begin + 8);
  }
}
