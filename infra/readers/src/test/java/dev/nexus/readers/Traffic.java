package dev.nexus.readers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.metric.MetricEvent.TaskMeasured;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Calls to a component, and what the platform itself says of them.
final class Traffic {
  private Traffic() {}

  /// Publishes `lab` and calls its `greet` until it was called so often, and waits until all is on
  /// the log and counted.
  static void of(PlatformExtension platform, int calls) {
    platform.apply("lab");
    long before =
        Eventually.value(() -> stats(platform, "greet"), _ -> true, "the component is known")
            .path("tiers")
            .path("CODE")
            .path("count")
            .asLong();
    for (long call = before; call < calls; call++) {
      PlatformExtension.json(
          platform.post("/v1/apps/lab/components/greet/invoke", "{\"name\": \"Ada\"}"), 200);
    }
    Eventually.value(
        () -> stats(platform, "greet"),
        stats ->
            stats.path("tiers").path("CODE").path("succeeded").asLong() == calls
                && measured(platform) >= calls,
        "all calls are counted");
  }

  /// Measurements of the calls: beside them stand those of how far who is behind.
  private static long measured(PlatformExtension platform) {
    var clients = new KafkaClients(platform.platform().settings());
    var codec = EventCodec.of(Topic.METRICS, MetricEvent.class);
    return new TopicReader(clients)
        .read(Topic.METRICS, codec).stream()
            .filter(e -> e.body() instanceof TaskMeasured task && task.component().equals("greet"))
            .count();
  }

  static JsonNode stats(PlatformExtension platform, String component) {
    return PlatformExtension.json(
        platform.get("/v1/apps/lab/components/" + component + "/stats"), 200);
  }

  static List<ConsumerRecord<String, byte[]>> records(KafkaClients clients, Topic topic) {
    return new TopicReader(clients).records(topic);
  }
}
