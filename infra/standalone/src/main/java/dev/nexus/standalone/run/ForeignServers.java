package dev.nexus.standalone.run;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.embedded.EmbeddedStartException;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.RedisAddress;
import dev.nexus.platform.stream.KafkaClients;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;

/// Asks servers that are not ours whether they are there and may be used, before anything begins
/// that needs them.
final class ForeignServers {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private ForeignServers() {}

  /// Throws `EmbeddedStartException` with a line that says which server and setting it is.
  static void require(Settings settings) {
    if (settings.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)) {
      requireKafka(settings);
    }
    if (settings.isSet(Setting.REDIS_URL)) {
      requireRedis(settings.text(Setting.REDIS_URL));
    }
  }

  private static void requireKafka(Settings settings) {
    var options = new DescribeClusterOptions().timeoutMs((int) PATIENCE.toMillis());
    try (var admin = new KafkaClients(settings).admin()) {
      Collection<Node> nodes = admin.describeCluster(options).nodes().get();
      if (nodes.stream().anyMatch(node -> EmbeddedBroker.RACK.equals(node.rack()))) {
        throw new EmbeddedStartException(
            "the broker at "
                + settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS)
                + " is embedded in another Nexus, and no second one can share it: use that Nexus,"
                + " or set NEXUS_KAFKA_BOOTSTRAP_SERVERS to a Kafka cluster (unset starts an"
                + " embedded broker)");
      }
    } catch (ExecutionException | KafkaException e) {
      throw new EmbeddedStartException(
          "no Kafka broker answers at "
              + settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS)
              + ": start it, or correct NEXUS_KAFKA_BOOTSTRAP_SERVERS (unset starts an embedded"
              + " one)",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedStartException("interrupted before Kafka answered", e);
    }
  }

  private static void requireRedis(String url) {
    RedisURI uri;
    try {
      uri = RedisURI.create(url);
    } catch (IllegalArgumentException e) {
      throw new EmbeddedStartException(
          "NEXUS_REDIS_URL: expected a URL such as redis://localhost:6379: " + e.getMessage(), e);
    }
    uri.setTimeout(PATIENCE);
    RedisClient client = RedisClient.create(uri);
    try (var connection = client.connect()) {
      connection.sync().ping();
    } catch (RedisException e) {
      // The URL may hold a password.
      throw new EmbeddedStartException(
          "no Redis answers at "
              + RedisAddress.shown(url)
              + ": start it, or correct NEXUS_REDIS_URL (unset starts an embedded one)",
          e);
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }
}
