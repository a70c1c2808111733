package dev.nexus.platform.edge;

import dev.nexus.platform.stream.KafkaClients;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;

/// Which log this is: the cluster's id, asked for once. Another log has other positions, so nothing
/// said about the one holds for the other.
final class LogEpoch implements Supplier<String> {
  private final KafkaClients clients;
  private volatile String known = "";

  LogEpoch(KafkaClients clients) {
    this.clients = clients;
  }

  @Override
  public String get() {
    if (known.isEmpty()) {
      known = ask();
    }
    return known;
  }

  private String ask() {
    try (Admin admin = clients.admin()) {
      return admin.describeCluster().clusterId().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking which log this is", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the log does not say which it is: " + e.getCause(), e);
    }
  }
}
