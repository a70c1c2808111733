package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.testkit.Markers;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/// A broker that loses ends of transactions when it crashes.
final class CrashingBroker implements AutoCloseable {
  /// Bytes of a batch before its attributes, and the bit in these that says it is a marker.
  private static final int ATTRIBUTES = 21;

  private static final int CONTROL = 0x20;

  private final Path directory;

  /// Who connects once it asks who somebody is; "" before.
  private String user = "";

  private EmbeddedBroker broker;
  private KafkaClients clients;

  CrashingBroker(Path directory) {
    this.directory = directory;
    this.broker = started();
    this.clients = new KafkaClients(connecting(user), "");
  }

  /// From its next start; `owner` connects then, and `admin` may do everything.
  void askForUsers() {
    user = "owner";
  }

  /// Those of the present start.
  KafkaClients clients() {
    return clients;
  }

  String bootstrapServers() {
    return broker.bootstrapServers();
  }

  private EmbeddedBroker started() {
    return EmbeddedBroker.startWith(
        directory.resolve("kafka"), user.isEmpty() ? Map.of() : askingForUsers());
  }

  private static Map<String, String> askingForUsers() {
    return Map.of(
        "listener.security.protocol.map",
        "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        "sasl.enabled.mechanisms",
        "PLAIN",
        "sasl.mechanism.inter.broker.protocol",
        "PLAIN",
        "listener.name.plaintext.plain.sasl.jaas.config",
        login("admin") + " user_admin=\"p\" user_owner=\"p\";",
        "authorizer.class.name",
        "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users",
        "User:admin;User:ANONYMOUS",
        "allow.everyone.if.no.acl.found",
        "true");
  }

  private static String login(String name) {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
        + name
        + "\" password=\"p\"";
  }

  Map<String, String> connecting(String name) {
    return name.isEmpty()
        ? Map.of("bootstrap.servers", broker.bootstrapServers())
        : Map.of(
            "bootstrap.servers",
            broker.bootstrapServers(),
            "security.protocol",
            "SASL_PLAINTEXT",
            "sasl.mechanism",
            "PLAIN",
            "sasl.jaas.config",
            login(name) + ";");
  }

  /// Takes the last marker off the first partition of each topic, and restarts the broker.
  void loseMarkers(Topic... topics) throws IOException {
    try (Admin admin = clients.admin()) {
      Arrays.stream(topics).forEach(topic -> Markers.await(admin, clients, topic));
    }
    broker.close();
    Path log = directory.resolve("kafka");
    Files.delete(log.resolve(".kafka_cleanshutdown"));
    for (Topic topic : topics) {
      Path partition = log.resolve(clients.name(topic) + "-0");
      cutMarker(partition.resolve("00000000000000000000.log"));
      try (Stream<Path> files = Files.list(partition)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".snapshot")).toList()) {
          Files.delete(file);
        }
      }
    }
    broker = started();
    clients = new KafkaClients(connecting(user), "");
  }

  private static void cutMarker(Path segment) throws IOException {
    ByteBuffer batches = ByteBuffer.wrap(Files.readAllBytes(segment));
    int last = 0;
    for (int at = 0; at < batches.capacity(); at += 12 + batches.getInt(at + 8)) {
      last = at;
    }
    assertThat(batches.getShort(last + ATTRIBUTES) & CONTROL).as("a marker").isNotZero();
    try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      file.truncate(last);
    }
  }

  @Override
  public void close() {
    broker.close();
  }
}
