package dev.nexus.testkit;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// A broker of a test's own, with the topics of Nexus, behind a relay that can make it slow or
/// silent. It names the relay as its address, so that every client goes that way.
public final class RelayedBroker implements AutoCloseable {
  private final EmbeddedBroker broker;
  private final TcpRelay road;
  private final KafkaClients clients;

  private RelayedBroker(EmbeddedBroker broker, TcpRelay road) {
    this.broker = broker;
    this.road = road;
    this.clients = clients(road, Map.of());
  }

  /// Starts one that keeps its log in `directory`.
  public static RelayedBroker start(Path directory) throws IOException {
    TcpRelay road = TcpRelay.to(0);
    EmbeddedBroker broker =
        EmbeddedBroker.startWith(
            directory, Map.of("advertised.listeners", "PLAINTEXT://" + address(road)));
    road.leadTo(broker.port());
    RelayedBroker relayed = new RelayedBroker(broker, road);
    new TopicTable(relayed.clients, BrokerExtension.SPREAD, false).create();
    return relayed;
  }

  private static String address(TcpRelay road) {
    return "127.0.0.1:" + road.port();
  }

  public KafkaClients clients() {
    return clients;
  }

  /// Clients with these properties besides.
  public KafkaClients clients(Map<String, String> more) {
    return clients(road, more);
  }

  private static KafkaClients clients(TcpRelay road, Map<String, String> more) {
    Map<String, String> properties = new HashMap<>(more);
    properties.put("bootstrap.servers", address(road));
    return new KafkaClients(properties, "");
  }

  /// Settings of a process on this broker.
  public Settings settings(Map<String, String> more) {
    Map<String, String> values = new HashMap<>(more);
    values.put("NEXUS_KAFKA_BOOTSTRAP_SERVERS", address(road));
    return Settings.of(values);
  }

  public TcpRelay road() {
    return road;
  }

  @Override
  public void close() throws IOException {
    broker.close();
    road.close();
  }
}
