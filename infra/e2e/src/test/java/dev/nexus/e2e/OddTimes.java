package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/// A producer whose clock is anywhere: its events say times from the year 1 to 9999, its Kafka
/// records as well, one jumps against the other, and each event comes twice with different times.
final class OddTimes {
  static final String APP_ID = "times";

  private static final String SOURCE = "urn:times:clock";
  private static final String TYPE = "com.example.time.told";
  private static final String DEFINITION =
      """
      appId: times
      components:
        - {componentId: keep, handlerType: BUILTIN, taskDetails: {function: echo}}
      triggers:
        - {triggerId: told, eventType: com.example.time.told, component: keep}
      """;

  private final FaultRig rig;
  private int sent;

  OddTimes(FaultRig rig) throws Exception {
    this.rig = rig;
    var body = JsonNodeFactory.instance.objectNode();
    body.putObject("files").put("app_definition.yaml", DEFINITION);
    assertThat(rig.post("/v1/apps/times/apply", body.toString()).statusCode()).isEqualTo(200);
    String integration = "{\"integrationId\": \"clock\", \"source\": \"" + SOURCE + "\"}";
    assertThat(rig.post("/v1/apps/times/integrations", integration).statusCode()).isEqualTo(201);
  }

  /// Sends events in turn by Kafka and by HTTP; gives the executions that follow from them.
  Set<String> send(int count) throws Exception {
    Set<String> executions = new HashSet<>();
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", rig.broker().bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      for (int i = 0; i < count; i++) {
        String id = "t-" + ++sent;
        for (int copy = 0; copy < 2; copy++) {
          if ((i + copy) % 2 == 0) {
            byKafka(producer, id);
          } else {
            byHttp(id);
          }
        }
        executions.add(
            ExecutionId.ofSource(TenantId.DEFAULT, APP_ID, "keep", SOURCE, id).toString());
      }
    }
    return executions;
  }

  private void byKafka(KafkaProducer<String, String> producer, String id) throws Exception {
    long recordTime = Math.max(0, anyTime().toEpochMilli());
    var record =
        new ProducerRecord<>("nexus.ingress", null, recordTime, id, "{\"id\": \"" + id + "\"}");
    attributes(id)
        .forEach(
            (name, value) ->
                record.headers().add("ce_" + name, value.getBytes(StandardCharsets.UTF_8)));
    record.headers().add("content-type", "application/json".getBytes(StandardCharsets.UTF_8));
    RecordMetadata written = producer.send(record).get();
    assertThat(written.hasOffset()).isTrue();
  }

  private void byHttp(String id) throws Exception {
    var request =
        rig.request("/v1/events").POST(BodyPublishers.ofString("{\"id\": \"" + id + "\"}"));
    attributes(id).forEach((name, value) -> request.header("ce-" + name, value));
    HttpResponse<String> answer = rig.send(request);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
  }

  private Map<String, String> attributes(String id) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("specversion", "1.0");
    attributes.put("id", id);
    attributes.put("source", SOURCE);
    attributes.put("type", TYPE);
    attributes.put("time", anyTime().toString());
    return attributes;
  }

  private Instant anyTime() {
    Instant now = Instant.now();
    List<Instant> times =
        List.of(
            Instant.parse("0001-01-01T00:00:00Z"),
            Instant.EPOCH,
            now.minus(3_650, ChronoUnit.DAYS),
            now.minus(8, ChronoUnit.DAYS),
            now.plusSeconds(rig.random().nextInt(-7_200, 7_200)),
            now.plus(3_650, ChronoUnit.DAYS),
            Instant.parse("9999-12-31T23:59:59Z"));
    return times.get(rig.random().nextInt(times.size()));
  }
}
