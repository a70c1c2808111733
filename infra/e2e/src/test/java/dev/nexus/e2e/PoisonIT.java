package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Records that no service of Nexus wrote: they cost themselves or one execution, never a partition
/// and never a start.
class PoisonIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.ofClass();

  /// Topics that no service reads: what stands there harms nobody.
  private static final Set<Topic> UNREAD =
      EnumSet.of(
          Topic.TASKS_CONTAINER,
          Topic.TASKS_TOOL,
          Topic.METRICS,
          Topic.LOGS,
          Topic.AUDIT_INTENTS,
          Topic.DEAD_LETTERS);

  private static final int NEIGHBOURS = 1_000;

  private record Place(String topic, int partition, long offset) {}

  @BeforeAll
  static void publish() {
    platform.apply("lab");
  }

  @ParameterizedTest
  @EnumSource(Topic.class)
  void shouldPutAsideWhatIsNoEventAndGoOn(Topic topic) {
    // When
    List<Place> spoilt = spoil(topic);

    // Then
    if (topic == Topic.REPLIES) {
      // This instance reads one of its partitions.
      Eventually.holds(() -> assertThat(putAside()).containsAnyElementsOf(spoilt));
    } else if (!UNREAD.contains(topic)) {
      Eventually.holds(() -> assertThat(putAside()).containsAll(spoilt));
    }
    everythingWorks("live-" + topic);
  }

  @Test
  void shouldStartOnALogThatIsSpoiltEverywhere() {
    // Given
    List<Place> spoilt = new ArrayList<>();
    for (Topic topic : Topic.values()) {
      List<Place> places = spoil(topic);
      if (!UNREAD.contains(topic) && topic != Topic.REPLIES) {
        spoilt.addAll(places);
      }
    }

    // When
    platform.restart();

    // Then
    everythingWorks("restarted");
    Eventually.holds(() -> assertThat(putAside()).containsAll(spoilt));
  }

  @Test
  void shouldSetOneImpossibleExecutionAsideAndFinishAThousandNeighbours() throws Exception {
    // Given an execution that waits for its next attempt, and a fact about it that no router wrote
    platform.apply("patient", patient());
    JsonNode accepted =
        PlatformExtension.json(
            platform.post("/v1/apps/patient/components/number/invoke?wait=0s", "{}"), 202);
    ExecutionId odd = ExecutionId.parse(accepted.path("executionId").asText());
    List<String> facts =
        Eventually.value(
            () -> factsOf(odd), found -> found.contains("TaskFailed"), "the first end of " + odd);
    writeFact(odd, facts.size() + 1);

    // When
    platform.restart();
    List<Integer> statuses = callMany();

    // Then
    assertThat(statuses).hasSize(NEIGHBOURS).containsOnly(200);
    Eventually.holds(
        () ->
            assertThat(platform.get("/v1/executions/" + odd).body())
                .contains("ExecutionQuarantined"));
    everythingWorks("quarantined");

    // When
    var released = platform.post("/v1/executions/" + odd + "/release", "{\"discard\": true}");

    // Then
    assertThat(released.statusCode()).as(released.body()).isEqualTo(200);
    Eventually.holds(
        () ->
            assertThat(platform.get("/v1/executions/" + odd).body()).contains("ExecutionReleased"));
  }

  /// A record in every partition that cannot be decoded.
  private static List<Place> spoil(Topic topic) {
    KafkaClients clients = clients();
    List<Place> places = new ArrayList<>();
    try (KafkaProducer<String, byte[]> stranger = clients.producer("stranger")) {
      for (var partition : stranger.partitionsFor(clients.name(topic))) {
        byte[] junk = "{\"no\": \"event\"}".getBytes(StandardCharsets.UTF_8);
        var sent =
            stranger
                .send(new ProducerRecord<>(partition.topic(), partition.partition(), "junk", junk))
                .get();
        places.add(new Place(sent.topic(), sent.partition(), sent.offset()));
      }
    } catch (ExecutionException e) {
      throw new AssertionError("the broker refused the record", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return places;
  }

  private static List<Place> putAside() {
    KafkaClients clients = clients();
    EventCodec<DeadLetterEvent> codec = EventCodec.of(Topic.DEAD_LETTERS, DeadLetterEvent.class);
    // Dead letters are spoilt too.
    return new TopicReader(clients)
        .records(Topic.DEAD_LETTERS).stream()
            .filter(record -> record.key().contains("/"))
            .map(record -> (RecordDeadLettered) codec.decode(record.value()).body())
            .map(d -> new Place(d.originTopic(), d.originPartition(), d.originOffset()))
            .toList();
  }

  /// Definitions, keys, every partition of the router, the code lane, replies and projections.
  private static void everythingWorks(String name) {
    platform.apply("lab");
    String key = platform.key("app:lab:invoke", "app:lab:read");
    for (int i = 0; i < 12; i++) {
      JsonNode answer =
          PlatformExtension.json(
              platform.send(
                  "POST",
                  "/v1/apps/lab/components/echo/invoke",
                  key,
                  "{\"n\": " + i + "}",
                  List.of("Idempotency-Key", name + "-" + i)),
              200);
      String id = answer.path("executionId").asText();
      String token = answer.path("token").asText();
      JsonNode shown =
          PlatformExtension.json(
              platform.send("GET", "/v1/executions/" + id + "?after=" + token, key, "", List.of()),
              200);
      assertThat(shown.path("status").asText()).isEqualTo("SUCCEEDED");
    }
    assertThat(platform.platform().services().unhealthy()).isEmpty();
  }

  private static List<Integer> callMany() throws InterruptedException, ExecutionException {
    List<Integer> statuses = new ArrayList<>();
    try (var callers = Executors.newFixedThreadPool(16)) {
      List<Future<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < NEIGHBOURS; i++) {
        String body = "{\"neighbour\": " + i + "}";
        calls.add(
            callers.submit(
                () -> platform.post("/v1/apps/lab/components/echo/invoke", body).statusCode()));
      }
      for (Future<Integer> call : calls) {
        statuses.add(call.get());
      }
    }
    return statuses;
  }

  private static List<String> factsOf(ExecutionId execution) {
    var found = platform.get("/v1/executions/" + execution);
    return found.statusCode() == 200
        ? PlatformExtension.json(found, 200).path("facts").findValuesAsText("type")
        : List.of();
  }

  /// Its component fails at once, and is tried again after a minute.
  private static ObjectNode patient() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put(
            "app_definition.yaml",
            """
            appId: patient
            displayName: Patient
            version: '1'
            components:
              - componentId: number
                handlerType: JIT
                taskDetails:
                  script: number
                outputSchema: {type: string}
                retry: {maxAttempts: 2, initialBackoff: 1m, maxBackoff: 1m}
            """)
        .put("_jit_code/number.js", "function handle(input) { return 1; }");
    return body;
  }

  private static void writeFact(ExecutionId execution, long sequence) {
    var fact =
        new Event<ExecutionEvent>(
            new Envelope(
                UUID.randomUUID(),
                Instant.now(),
                TenantId.DEFAULT,
                "patient",
                execution.toString(),
                sequence,
                "",
                "",
                "service:stranger",
                "",
                Position.NONE),
            new TaskSucceeded(new TaskKey(7, Role.SERVE, 1), "x", new Json("1"), Usage.NONE));
    platform
        .platform()
        .context()
        .getBean(EventProducer.class)
        .send(
            EventRecords.of(
                clients(),
                EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class),
                Keys.execution(TenantId.DEFAULT, execution),
                fact))
        .join();
  }

  private static KafkaClients clients() {
    return new KafkaClients(platform.platform().settings());
  }
}
