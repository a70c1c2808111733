package dev.nexus.command.trigger;

import static dev.nexus.command.trigger.Definitions.mapping;
import static dev.nexus.command.trigger.Definitions.trigger;
import static dev.nexus.command.trigger.Definitions.version;
import static dev.nexus.command.trigger.Definitions.when;

import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.event.TenantId;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.admission.BacklogView;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.OwnedPartitions;
import dev.nexus.platform.stream.Transaction;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Measures how long a new owner takes to recover a partition of `nexus.events`. Prints and asserts
/// nothing; the numbers are in the decision record of outside events. What the road itself takes
/// `./nexus bench events` measures. Runs only when asked:
/// `-Dnexus.measure=true -Dtest=TriggerMeasurement`.
@EnabledIfSystemProperty(named = "nexus.measure", matches = "true")
class TriggerMeasurement {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();

  @TempDir Path directory;

  private static final int EVENTS = Integer.getInteger("nexus.events", 20_000);
  private static final Version CURRENT =
      version(
          "orders",
          "digest",
          mapping(
              when(trigger("t", "com.example.*", "keep"), "event.data.amount > 100"),
              Map.of("order", "event.id", "amount", "event.data.amount")));

  private EventProducer producer;

  @Test
  void shouldMeasureHowLongANewOwnerTakes() {
    producer = new EventProducer(BROKER.clients(), "test");
    Clock clock = Clock.systemUTC();
    var payloads = Definitions.payloads(directory);
    var deadLetters = new DeadLetters(producer, "test", clock);
    EventDecider.Views views =
        new EventDecider.Views() {
          @Override
          public void await(Duration patience) {}

          @Override
          public List<Version> current(TenantId tenant) {
            return List.of(CURRENT);
          }

          @Override
          public Optional<Integration> bySource(String source) {
            return Optional.of(Definitions.SHOP);
          }
        };
    var context =
        new DispatchContext(
            BROKER.clients(),
            partition -> new Transaction(BROKER.clients(), "dispatch-" + partition),
            new EventDecider(views, new SchemaChecks(), payloads),
            deadLetters,
            100_000);
    try (var integrations = new Integrations(BROKER.clients(), producer, deadLetters, clock)) {
      integrations.start();
      integrations.register(Definitions.SHOP, "key:test");
      load();
      var view = new BacklogView(100_000, System::nanoTime);
      var admission =
          Admission.of(BROKER.settings(Map.of()), view, Optional::empty, new SimpleMeterRegistry());
      try (var reader =
              new IngressReader(
                  new IngressReader.Parts(
                      BROKER.clients(), producer, deadLetters, integrations, payloads, admission),
                  new InstanceId("measured"),
                  clock);
          var owned =
              new OwnedPartitions(
                  Dispatcher.GROUP,
                  BROKER.clients(),
                  List.of(Topic.EVENTS),
                  "",
                  partition -> new DispatchPartition(context, partition))) {
        owned.start();
        owned.awaitReady(Duration.ofMinutes(2));
        reader.start();
        BROKER.await(Topic.REQUESTS, RequestEvent.class, EVENTS);
      }
      recovery(context);
    } finally {
      producer.close();
    }
  }

  private static void recovery(DispatchContext context) {
    for (int partition = 0; partition < 4; partition++) {
      long begun = System.nanoTime();
      VerdictTail tail =
          VerdictTail.read(
              context, new TopicPartition(BROKER.clients().name(Topic.EVENTS), partition));
      System.out.printf(
          "recovery of partition %d: %,d records, %,d remembered, %.0f ms%n",
          partition, tail.records(), tail.window().size(), (System.nanoTime() - begun) / 1e6);
    }
  }

  private void load() {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      var record =
          new ProducerRecord<>(
              BROKER.clients().name(Topic.INGRESS),
              "load" + i,
              bytes("{\"amount\": 120, \"lines\": [{\"sku\": \"lamp/1\", \"n\": 2}]}"));
      Map.of(
              "ce_specversion", "1.0",
              "ce_source", "urn:shop",
              "ce_id", "load" + i,
              "ce_type", "com.example.ordered",
              "content-type", "application/json")
          .forEach((header, value) -> record.headers().add(header, bytes(value)));
      sent.add(producer.send(record));
    }
    sent.forEach(CompletableFuture::join);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
