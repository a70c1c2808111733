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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;

/// A process that publishes a version and is dead before the log has a record of that, such as the
/// pointer to it.
final class HaltedPublisher {
  private HaltedPublisher() {}

  /// End of the key of a pointer, and of no other record.
  private static final String POINTER = "/current";

  /// Halts the process instead of writing a record whose key ends so.
  public static final class Halt implements ProducerInterceptor<String, byte[]> {
    private static final String AT = "test.halt.at";

    private String end = POINTER;

    @Override
    public ProducerRecord<String, byte[]> onSend(ProducerRecord<String, byte[]> record) {
      if (record.key() != null && record.key().endsWith(end)) {
        Runtime.getRuntime().halt(ChildProcess.HALTED);
      }
      return record;
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs) {
      end = String.valueOf(configs.get(AT));
    }
  }

  /// Publishes this definition from a process on the same Git and log that writes no pointer.
  static void publish(BrokerExtension broker, Path data, String app, String definition)
      throws IOException, InterruptedException {
    publish(broker, data, app, definition, POINTER);
  }

  /// The same from one that dies before it writes the record about this integration.
  static void publishUpTo(
      BrokerExtension broker, Path data, String app, String definition, String integrationId)
      throws IOException, InterruptedException {
    publish(broker, data, app, definition, "/integration/" + integrationId);
  }

  private static void publish(
      BrokerExtension broker, Path data, String app, String definition, String end)
      throws IOException, InterruptedException {
    Settings settings = broker.settings(Map.of());
    Process child =
        ChildProcess.start(
            HaltedPublisher.class,
            settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS),
            settings.text(Setting.KAFKA_TOPIC_PREFIX),
            data.toString(),
            app,
            definition,
            end);
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = child.waitFor();
    if (code != ChildProcess.HALTED) {
      throw new AssertionError("the child ended with " + code + ": " + said);
    }
  }

  /// Arguments: bootstrap servers, topic prefix, data directory, application, its definition, end
  /// of the key of what is not written any more.
  public static void main(String[] args) {
    Clock clock = Clock.systemUTC();
    KafkaClients clients = new KafkaClients(Map.of("bootstrap.servers", args[0]), args[1]);
    KafkaClients halting =
        new KafkaClients(
            Map.of(
                "bootstrap.servers",
                args[0],
                "interceptor.classes",
                Halt.class.getName(),
                Halt.AT,
                args[5]),
            args[1]);
    var producer = new EventProducer(halting, "child");
    var deadLetters = new DeadLetters(producer, "child", clock);
    var catalog = new DefinitionCatalog(clients, "child", deadLetters);
    var integrations = new Integrations(clients, producer, deadLetters, clock);
    var publisher =
        new ApplicationPublisher(
            new ApplicationLoader(new SchemaChecks(), "gpt-d"),
            new DefinitionStore(Path.of(args[2]).resolve("git")),
            catalog,
            integrations,
            new Secrets(Map.of(), Path.of(args[2])),
            producer,
            clock);
    catalog.start();
    catalog.awaitCaughtUp(Duration.ofMinutes(2));
    integrations.start();
    integrations.awaitReady(Duration.ofMinutes(2));
    publisher.publish(
        new Applying(
            TenantId.DEFAULT,
            args[3],
            Map.of("app_definition.yaml", args[4]),
            "key:test",
            Optional.empty()));
  }
}
