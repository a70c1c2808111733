package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// An integration that knows a Kafka client and the name `nexus.ingress`, nothing of Nexus.
class IngressIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static KafkaProducer<String, String> integration;

  @BeforeAll
  static void connect() {
    platform.apply("intake");
    integration =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", platform.platform().addresses().kafka()),
            new StringSerializer(),
            new StringSerializer());
  }

  @AfterAll
  static void disconnect() {
    integration.close(Duration.ofSeconds(2));
  }

  @Test
  void shouldRunAndShowWhatAnEventStarts() {
    // When
    send("urn:intake:shop", "order-1", "com.example.order.placed", "{\"text\": \"two lamps\"}");

    // Then
    JsonNode shown = succeeded("two lamps");
    assertThat(shown.path("origin").asText()).isEqualTo("trigger");
    assertThat(factTypes(shown))
        .startsWith("ExecutionAccepted", "StepStarted", "TaskRequested")
        .endsWith("ExecutionSucceeded");
  }

  @Test
  void shouldRunAnEventOnceThatIsSentTwice() {
    // When
    send("urn:intake:shop", "order-2", "com.example.order.placed", "{\"text\": \"a chair\"}");
    send("urn:intake:shop", "order-2", "com.example.order.placed", "{\"text\": \"a chair\"}");
    send("urn:intake:shop", "order-3", "com.example.order.placed", "{\"text\": \"a table\"}");

    // Then
    succeeded("a table");
    String id = succeeded("a chair").path("executionId").asText();
    assertThat(executions())
        .filteredOn(execution -> input(execution).equals("a chair"))
        .extracting(execution -> execution.path("executionId").asText())
        .containsExactly(id);
  }

  @Test
  void shouldShowWhatBecameOfEachEvent() {
    // When
    send("urn:intake:shop", "order-7", "com.example.order.placed", "{\"text\": \"a shelf\"}");
    send("urn:intake:shop", "order-7", "com.example.order.placed", "{\"text\": \"a shelf\"}");
    send("urn:intake:shop", "refund-1", "com.example.refund", "{\"text\": \"a shelf\"}");

    // Then
    String id = succeeded("a shelf").path("executionId").asText();
    assertThat(events("status=matched", "order-7").path("executions").path(0).asText())
        .isEqualTo(id);
    assertThat(events("status=duplicate", "order-7").path("first").asText()).isNotEmpty();
    JsonNode unmatched = events("status=unmatched", "refund-1");
    JsonNode whole =
        PlatformExtension.json(platform.get("/v1/events/" + unmatched.path("place").asText()), 200);
    assertThat(whole.at("/event/data/data/text").asText()).isEqualTo("a shelf");
  }

  /// The one event with this id that is of this kind.
  private static JsonNode events(String query, String id) {
    return Eventually.value(
            () ->
                PlatformExtension.json(platform.get("/v1/events?id=" + id + "&" + query), 200)
                    .path("events"),
            found -> found.size() == 1,
            "the event " + id)
        .path(0);
  }

  @Test
  void shouldAddTheTruthToTheExecutionOfAnEarlierEvent() {
    // Given
    send("urn:intake:shop", "order-4", "com.example.order.placed", "{\"text\": \"a stool\"}");
    String id = succeeded("a stool").path("executionId").asText();

    // When
    send(
        "urn:intake:shop",
        "order-4-checked",
        "dev.nexus.truth",
        "{\"id\": \"order-4\", \"output\": {\"text\": \"a bench\"}}");

    // Then
    JsonNode reported =
        Eventually.value(
                () -> facts(id),
                facts -> facts.stream().anyMatch(f -> type(f).equals("TruthReported")),
                "the truth about " + id)
            .getLast();
    assertThat(type(reported)).isEqualTo("TruthReported");
    assertThat(reported.toString()).contains("a bench");
  }

  @Test
  void shouldPutAsideWhatNobodyRegistered() {
    // When
    send("urn:intake:nobody", "order-5", "com.example.order.placed", "{\"text\": \"a bed\"}");
    send("urn:intake:shop", "order-6", "com.example.order.placed", "{\"text\": \"a sofa\"}");

    // Then
    succeeded("a sofa");
    Eventually.holds(
        () ->
            assertThat(reasons())
                .anySatisfy(
                    reason -> assertThat(reason).contains("'urn:intake:nobody'", "register")));
    assertThat(executions()).extracting(execution -> input(execution)).doesNotContain("a bed");
  }

  private static void send(String source, String id, String type, String json) {
    var record = new ProducerRecord<>("nexus.ingress", id, json);
    Map.of(
            "ce_specversion", "1.0",
            "ce_source", source,
            "ce_id", id,
            "ce_type", type,
            "content-type", "application/json")
        .forEach(
            (name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
    try {
      integration.send(record).get();
    } catch (ExecutionException e) {
      throw new AssertionError("the broker refused the event", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// The finished execution whose input has this text, with its facts.
  private static JsonNode succeeded(String text) {
    JsonNode found =
        Eventually.value(
                IngressIT::executions,
                all ->
                    all.stream()
                        .anyMatch(e -> input(e).equals(text) && status(e).equals("SUCCEEDED")),
                "the execution of " + text)
            .stream()
            .filter(e -> input(e).equals(text))
            .findFirst()
            .orElseThrow();
    return execution(found.path("executionId").asText());
  }

  private static List<JsonNode> executions() {
    JsonNode list =
        PlatformExtension.json(platform.get("/v1/executions?app=intake&component=keep"), 200);
    return list.path("executions")
        .valueStream()
        .map(e -> execution(e.path("executionId").asText()))
        .toList();
  }

  private static JsonNode execution(String id) {
    return PlatformExtension.json(platform.get("/v1/executions/" + id), 200);
  }

  private static List<JsonNode> facts(String id) {
    return execution(id).path("facts").valueStream().toList();
  }

  private static List<String> factTypes(JsonNode execution) {
    return execution.path("facts").valueStream().map(IngressIT::type).toList();
  }

  private static String type(JsonNode fact) {
    return fact.path("type").asText();
  }

  private static String status(JsonNode execution) {
    return execution.path("status").asText();
  }

  private static String input(JsonNode execution) {
    return execution.path("facts").path(0).path("data").path("input").path("text").asText();
  }

  private static List<String> reasons() {
    var reader = new TopicReader(new KafkaClients(platform.platform().settings()));
    return reader
        .read(Topic.DEAD_LETTERS, EventCodec.of(Topic.DEAD_LETTERS, DeadLetterEvent.class))
        .stream()
        .flatMap(
            event ->
                event.body() instanceof RecordDeadLettered letter
                    ? Stream.of(letter.reason())
                    : Stream.empty())
        .toList();
  }
}
