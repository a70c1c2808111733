package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.trigger.AvroEvents;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
import dev.nexus.event.ingress.IngressEvent.EventRepeated;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.platform.stream.KeyPartition;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// An event runs once: whatever partition, key and form its copies come in, over restarts, and when
/// the dispatcher has forgotten it but the router has not; and where that ends.
class IngressOnceIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();
  @TempDir Path data;

  private static final int REMEMBERED = 12;
  private static final String DEFINITION =
      FrontDoor.DEFINITION
          + """
          integrations:
            - {integrationId: shop, source: "urn:shop"}
          """;

  private FrontDoor door;

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void shouldRunAnEventOnceWhateverItsCopiesLookLikeAndHoweverOftenItRestarts() {
    // Given
    open();
    String operator = door.key("operator");
    assertThat(door.apply(operator, "orders", Map.of("app_definition.yaml", DEFINITION)).status())
        .isEqualTo(200);

    // When: one copy a partition, in all forms
    binary("o-1", 0, "key-a");
    structured("o-1", 1);
    avro("o-1", 2);
    binary("o-1", 3, "key-b");

    // Then
    Eventually.holds(() -> assertThat(verdicts("o-1")).hasSize(4));
    assertThat(verdicts("o-1")).filteredOn(EventMatched.class::isInstance).hasSize(1);
    assertThat(verdicts("o-1")).filteredOn(EventRepeated.class::isInstance).hasSize(3);
    Eventually.holds(() -> assertThat(succeeded("o-1")).isEqualTo(1));

    // When: after a restart
    door.close();
    open();
    binary("o-1", 2, "key-c");

    // Then
    Eventually.holds(() -> assertThat(verdicts("o-1")).hasSize(5));
    assertThat(verdicts("o-1")).filteredOn(EventRepeated.class::isInstance).hasSize(4);
    assertThat(requests("o-1")).isEqualTo(1);

    // When: beyond what the dispatcher remembers
    sendMoreThanIsRemembered();
    binary("o-1", 1, "key-d");

    // Then: it is asked for again, and the router knows it
    Eventually.holds(() -> assertThat(requests("o-1")).isEqualTo(2));
    String after = decidedAfter("o-1");
    binary(after, 1, "key");
    Eventually.holds(() -> assertThat(succeeded(after)).isEqualTo(1));
    assertThat(accepted("o-1")).isEqualTo(1);
    assertThat(succeeded("o-1")).isEqualTo(1);
  }

  /// An execution is named by its component too, so the router has never heard of the second one.
  @Test
  void shouldStartAnotherComponentForACopyBeyondTheWindowWhenItsTriggerNamesThatOneByThen() {
    // Given
    open();
    String operator = door.key("operator");
    assertThat(door.apply(operator, "orders", Map.of("app_definition.yaml", DEFINITION)).status())
        .isEqualTo(200);
    binary("o-1", 0, "key-a");
    Eventually.holds(() -> assertThat(succeeded("o-1")).isEqualTo(1));
    String changed = DEFINITION.replace("component: echo}", "component: stuck}");
    assertThat(door.apply(operator, "orders", Map.of("app_definition.yaml", changed)).status())
        .isEqualTo(200);

    // When: within what the dispatcher remembers
    binary("o-1", 1, "key-b");

    // Then
    Eventually.holds(() -> assertThat(verdicts("o-1")).hasSize(2));
    assertThat(verdicts("o-1")).filteredOn(EventRepeated.class::isInstance).hasSize(1);
    assertThat(started("o-1")).containsExactly(execution("o-1"));

    // When: beyond it
    sendMoreThanIsRemembered();
    binary("o-1", 2, "key-c");

    // Then
    Eventually.holds(() -> assertThat(verdicts("o-1")).hasSize(3));
    String second = executionId("stuck", "o-1").toString();
    assertThat(started("o-1")).containsExactly(execution("o-1"), second);
    Eventually.holds(() -> assertThat(acceptedAs(second)).isEqualTo(1));
    assertThat(accepted("o-1")).isEqualTo(1);
    assertThat(succeeded("o-1")).isEqualTo(1);
  }

  /// The two libraries choose different partitions for this key.
  @Test
  @NeedsTool("kcat|kafkacat")
  void shouldRunAnEventOnceThatAForeignPartitionerPutElsewhere() throws Exception {
    // Given
    open();
    String operator = door.key("operator");
    assertThat(door.apply(operator, "orders", Map.of("app_definition.yaml", DEFINITION)).status())
        .isEqualTo(200);

    // When
    kcat("order-1");
    binary("order-1", null, "order-1");

    // Then
    Eventually.holds(() -> assertThat(verdicts("order-1")).hasSize(2));
    assertThat(verdicts("order-1")).filteredOn(EventRepeated.class::isInstance).hasSize(1);
    assertThat(placesOf("order-1")).hasSize(2);
    Eventually.holds(() -> assertThat(succeeded("order-1")).isEqualTo(1));
    assertThat(requests("order-1")).isEqualTo(1);
  }

  private void kcat(String id) throws Exception {
    String program =
        Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
            .flatMap(directory -> Stream.of("kcat", "kafkacat").map(Path.of(directory)::resolve))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow()
            .toString();
    Path event = Files.writeString(data.resolve("event"), "{\"text\": \"" + id + "\"}");
    List<String> command =
        new ArrayList<>(List.of(program, "-P", "-b", BROKER.bootstrapServers(), "-k", id));
    command.addAll(List.of("-t", door.clients().name(Topic.INGRESS)));
    for (String header :
        List.of("specversion=1.0", "source=urn:shop", "id=" + id, "type=com.example.order")) {
      command.addAll(List.of("-H", "ce_" + header));
    }
    Process kcat =
        new ProcessBuilder(command).redirectInput(event.toFile()).redirectErrorStream(true).start();
    String said = new String(kcat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(kcat.waitFor()).as(said).isZero();
  }

  /// Partitions of `nexus.ingress` that copies of an event came by.
  private static Set<Integer> placesOf(String id) {
    return BROKER.read(Topic.EVENTS, IngressEvent.class).stream()
        .filter(e -> e.body() instanceof EventAccepted)
        .filter(e -> e.body().outside().sourceEventId().equals(id))
        .map(e -> e.envelope().input().inputPartition())
        .collect(Collectors.toSet());
  }

  private void open() {
    door =
        new FrontDoor(
            BROKER, data, Map.of("NEXUS_EVENTS_REMEMBERED", Integer.toString(REMEMBERED)));
  }

  /// Other events, by which the dispatcher forgets those before them.
  private void sendMoreThanIsRemembered() {
    for (int i = 0; i < 4 * REMEMBERED; i++) {
      binary("more-" + i, i % 4, "key");
    }
    for (int i = 0; i < 4 * REMEMBERED; i++) {
      String more = "more-" + i;
      Eventually.holds(() -> assertThat(verdicts(more)).hasSize(1));
    }
  }

  private void binary(String id, @Nullable Integer partition, String key) {
    var record =
        new ProducerRecord<>(
            door.clients().name(Topic.INGRESS),
            partition,
            key,
            bytes("{\"text\": \"" + id + "\"}"));
    Map.of(
            "ce_specversion", "1.0",
            "ce_source", "urn:shop",
            "ce_id", id,
            "ce_type", "com.example.order")
        .forEach((name, value) -> record.headers().add(name, bytes(value)));
    door.producer().send(record).join();
  }

  private void structured(String id, int partition) {
    String event =
        """
        {"specversion": "1.0", "source": "urn:shop", "id": "%s", "type": "com.example.order",
         "data": {"text": "%s"}}
        """
            .formatted(id, id);
    send(partition, bytes(event), "application/cloudevents+json");
  }

  private void avro(String id, int partition) {
    Map<String, Object> attributes =
        Map.of("specversion", "1.0", "source", "urn:shop", "id", id, "type", "com.example.order");
    byte[] event = AvroEvents.write(attributes, Map.of("text", id));
    send(partition, event, "application/cloudevents+avro");
  }

  private void send(int partition, byte[] event, String contentType) {
    var record =
        new ProducerRecord<String, byte[]>(
            door.clients().name(Topic.INGRESS), partition, null, event);
    record.headers().add("content-type", bytes(contentType));
    door.producer().send(record).join();
  }

  private static List<IngressEvent> verdicts(String id) {
    return BROKER.read(Topic.EVENTS, IngressEvent.class).stream()
        .map(event -> event.body())
        .filter(body -> !(body instanceof EventAccepted))
        .filter(body -> body.outside().sourceEventId().equals(id))
        .toList();
  }

  /// Executions that copies of an event started, in the order of the decisions.
  private static List<String> started(String id) {
    return verdicts(id).stream()
        .filter(EventMatched.class::isInstance)
        .flatMap(verdict -> ((EventMatched) verdict).executions().stream())
        .toList();
  }

  private static long requests(String id) {
    return BROKER.read(Topic.REQUESTS, RequestEvent.class).stream()
        .filter(e -> e.envelope().executionId().equals(execution(id)))
        .count();
  }

  private static long accepted(String id) {
    return acceptedAs(execution(id));
  }

  private static long acceptedAs(String execution) {
    return BROKER.read(Topic.EXECUTIONS, ExecutionEvent.class).stream()
        .filter(e -> e.envelope().executionId().equals(execution))
        .filter(e -> e.body() instanceof ExecutionAccepted)
        .count();
  }

  private static long succeeded(String id) {
    return BROKER.read(Topic.EXECUTIONS, ExecutionEvent.class).stream()
        .filter(e -> e.envelope().executionId().equals(execution(id)))
        .filter(e -> e.body() instanceof ExecutionSucceeded)
        .count();
  }

  /// A new event whose execution stands on the partition of this one's: what is asked of both is
  /// decided in the order of its requests.
  private static String decidedAfter(String id) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> "after-" + i)
        .filter(after -> partition(after) == partition(id))
        .findFirst()
        .orElseThrow();
  }

  private static int partition(String id) {
    return KeyPartition.of(
        Keys.execution(TenantId.DEFAULT, executionId(id)),
        BrokerExtension.SPREAD.executionPartitions());
  }

  private static String execution(String id) {
    return executionId(id).toString();
  }

  private static ExecutionId executionId(String id) {
    return executionId("echo", id);
  }

  private static ExecutionId executionId(String component, String id) {
    return ExecutionId.ofSource(TenantId.DEFAULT, "orders", component, "urn:shop", id);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
