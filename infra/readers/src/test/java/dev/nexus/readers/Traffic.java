package dev.nexus.readers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.e2e.PlatformExtension;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Calls to a component, and what the platform itself says of them.
final class Traffic {
  private Traffic() {}

  /// Publishes `lab` and calls its `greet` until it was called so often, and waits until all is on
  /// the log and counted.
  static void of(PlatformExtension platform, int calls) {
    platform.apply("lab");
    long before = stats(platform, "greet").path("tiers").path("CODE").path("count").asLong();
    for (long call = before; call < calls; call++) {
      PlatformExtension.json(
          platform.post("/v1/apps/lab/components/greet/invoke", "{\"name\": \"Ada\"}"), 200);
    }
    Eventually.value(
        () -> stats(platform, "greet"),
        stats ->
            stats.path("tiers").path("CODE").path("succeeded").asLong() == calls
                && records(new KafkaClients(platform.platform().settings()), Topic.METRICS).size()
                    >= calls,
        "all calls are counted");
  }

  static JsonNode stats(PlatformExtension platform, String component) {
    return PlatformExtension.json(
        platform.get("/v1/apps/lab/components/" + component + "/stats"), 200);
  }

  static List<ConsumerRecord<String, byte[]>> records(KafkaClients clients, Topic topic) {
    return new TopicReader(clients).records(topic);
  }
}
