package dev.nexus.command.api;

import dev.nexus.command.ChildProcess;
import dev.nexus.command.access.Integrations;
import dev.nexus.command.application.ApplicationPublisher;
import dev.nexus.command.application.Applying;
import dev.nexus.command.definition.ApplicationLoader;
import dev.nexus.command.definition.DefinitionStore;
import dev.nexus.event.TenantId;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.security.Secrets;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;

/// A process that publishes a version and is dead before the log has the pointer to it.
final class HaltedPublisher {
  private HaltedPublisher() {}

  /// Halts the process instead of writing the pointer of an application.
  public static final class Halt implements ProducerInterceptor<String, byte[]> {
    @Override
    public ProducerRecord<String, byte[]> onSend(ProducerRecord<String, byte[]> record) {
      if (record.topic().endsWith(Topic.DEFINITIONS.topicName())
          && record.key().endsWith("/current")) {
        Runtime.getRuntime().halt(ChildProcess.HALTED);
      }
      return record;
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs) {}
  }

  /// Publishes this definition from a process on the same Git and log; gives its exit code.
  static int publish(BrokerExtension broker, Path data, String app, String definition)
      throws IOException, InterruptedException {
    Settings settings = broker.settings(Map.of());
    Process child =
        ChildProcess.start(
            HaltedPublisher.class,
            settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS),
            settings.text(Setting.KAFKA_TOPIC_PREFIX),
            data.toString(),
            app,
            definition);
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = child.waitFor();
    if (code != ChildProcess.HALTED) {
      throw new AssertionError("the child ended with " + code + ": " + said);
    }
    return code;
  }

  /// Arguments: bootstrap servers, topic prefix, data directory, application, its definition.
  public static void main(String[] args) {
    Clock clock = Clock.systemUTC();
    KafkaClients clients = new KafkaClients(Map.of("bootstrap.servers", args[0]), args[1]);
    KafkaClients halting =
        new KafkaClients(
            Map.of("bootstrap.servers", args[0], "interceptor.classes", Halt.class.getName()),
            args[1]);
    var producer = new EventProducer(halting, "child");
    var deadLetters = new DeadLetters(producer, "child", clock);
    var catalog = new DefinitionCatalog(clients, "child", deadLetters);
    var publisher =
        new ApplicationPublisher(
            new ApplicationLoader(new SchemaChecks(), "gpt-d"),
            new DefinitionStore(Path.of(args[2]).resolve("git")),
            catalog,
            new Integrations(clients, producer, deadLetters, clock),
            new Secrets(Map.of(), Path.of(args[2])),
            producer,
            clock);
    catalog.start();
    catalog.awaitCaughtUp(Duration.ofMinutes(2));
    publisher.publish(
        new Applying(
            TenantId.DEFAULT,
            args[3],
            Map.of("app_definition.yaml", args[4]),
            "key:test",
            Optional.empty()));
  }
}
