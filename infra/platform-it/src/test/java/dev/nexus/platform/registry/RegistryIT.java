package dev.nexus.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.event.entity.EntityEvent.TenantRegistered;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.ServerProperties;
import dev.nexus.platform.host.SharedParts;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.DocumentedAnswers;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Asks without a key, as programs that read Kafka do.
class RegistryIT {
  private static final EventCodec<EntityEvent> CODEC =
      EventCodec.of(Topic.ENTITIES, EntityEvent.class);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofClass();
  @TempDir Path data;

  private final DocumentedClient http =
      new DocumentedClient(new DocumentedAnswers(List.of(new RegistryApi())));
  private SharedParts parts;
  private ApplicationContext context;
  private EmbeddedServer server;

  @BeforeEach
  void begin() {
    Settings settings =
        broker
            .settings(Map.of())
            .with(Setting.REDIS_URL, "redis://127.0.0.1:1")
            .with(Setting.DATA_DIR, data.toString())
            .with(Setting.HTTP_PORT, "0");
    context = ApplicationContext.builder().properties(ServerProperties.of(settings)).start();
    parts =
        SharedParts.open(settings, BrokerAccess.SHARED, new InstanceId("test"), Clock.systemUTC());
    parts.registerIn(context);
    server = context.getBean(EmbeddedServer.class).start();
  }

  @AfterEach
  void end() {
    http.close();
    server.stop();
    context.close();
    parts.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create(server.getURI() + "/registry" + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private JsonNode json(String path) throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith(RegistryAnswers.MEDIA_TYPE);
    return CanonicalJson.read(answer.body());
  }

  @Test
  void shouldGiveTheSchemaThatDecodesARecord() throws Exception {
    // Given
    UUID eventId = UUID.randomUUID();
    var envelope = Envelope.of(eventId, Instant.EPOCH, TenantId.DEFAULT, "", "service:test");
    try (EventProducer producer = new EventProducer(broker.clients(), "test")) {
      producer
          .send(CODEC, "acme", new Event<EntityEvent>(envelope, new TenantRegistered("Acme")))
          .join();
    }
    byte[] record = new TopicReader(broker.clients()).records(Topic.ENTITIES).getFirst().value();
    assertThat(record[0]).as("magic").isZero();
    // When
    int id = ByteBuffer.wrap(record, 1, 4).getInt();
    Schema schema = new Schema.Parser().parse(json("/schemas/ids/" + id).path("schema").asText());
    GenericRecord read =
        new GenericDatumReader<GenericRecord>(schema)
            .read(null, DecoderFactory.get().binaryDecoder(record, 5, record.length - 5, null));
    // Then
    assertThat(read.get("eventType")).hasToString("TenantRegistered");
    assertThat(read.get("eventId")).hasToString(eventId.toString());
    assertThat(read.get("actor")).hasToString("service:test");
  }

  @Test
  void shouldListSubjectsByTopicAndTheirVersions() throws Exception {
    // Given
    String subject = broker.clients().name(Topic.ROUTES) + "-value";
    // When
    JsonNode subjects = json("/subjects");
    JsonNode latest = json("/subjects/" + subject + "/versions/latest");
    // Then
    assertThat(subjects).extracting(JsonNode::asText).contains(subject).isSorted();
    assertThat(subjects).extracting(JsonNode::asText).noneMatch(name -> name.contains("ingress"));
    assertThat(json("/subjects/" + subject + "/versions")).isNotEmpty();
    assertThat(latest.path("subject").asText()).isEqualTo(subject);
    assertThat(latest.path("id").asInt()).isEqualTo(1_100 + latest.path("version").asInt());
    assertThat(json("/subjects/" + subject + "/versions/1").path("schema").asText())
        .isEqualTo(json("/schemas/ids/1101").path("schema").asText());
  }

  @Test
  void shouldTellWhereASchemaIsUsed() throws Exception {
    String code = broker.clients().name(Topic.TASKS_CODE) + "-value";
    String model = broker.clients().name(Topic.TASKS_MODEL) + "-value";
    // Then
    assertThat(json("/schemas/types")).extracting(JsonNode::asText).containsExactly("AVRO");
    assertThat(json("/schemas/ids/401/subjects"))
        .extracting(JsonNode::asText)
        .contains(code, model)
        .isSorted();
    assertThat(json("/schemas/ids/401/versions"))
        .extracting(v -> v.path("subject").asText() + " " + v.path("version"))
        .contains(code + " 1", model + " 1");
    assertThat(json("/schemas/ids/401/schema").path("type").asText()).isEqualTo("record");
    assertThat(json("/subjects/" + code + "/versions/1/schema"))
        .isEqualTo(json("/schemas/ids/401/schema"));
    assertThat(json("/subjects/" + code + "/versions/latest/referencedby")).isEmpty();
    assertThat(json("/subjects?subjectPrefix=" + code))
        .extracting(JsonNode::asText)
        .containsExactly(code);
  }

  @Test
  void shouldBeARegistryThatOnlyReads() throws Exception {
    String subject = broker.clients().name(Topic.ROUTES) + "-value";
    JsonNode newest = json("/subjects/" + subject + "/versions/-1");
    String own = Answered.schema(newest.path("schema").asText());
    String foreign = Answered.schema("\"string\"");
    // Then
    assertThat(json("/config").path("compatibilityLevel").asText()).isEqualTo("FULL_TRANSITIVE");
    assertThat(json("/config/" + subject + "?defaultToGlobal=true")).isEqualTo(json("/config"));
    assertThat(json("/mode").path("mode").asText()).isEqualTo("READONLY");
    assertThat(json("/mode/" + subject + "?defaultToGlobal=true")).isEqualTo(json("/mode"));
    assertThat(post("/subjects/" + subject, own)).isEqualTo(new Answered(200, newest));
    assertThat(post("/subjects/" + subject + "/versions", own).body().path("id"))
        .isEqualTo(newest.path("id"));
    assertThat(post("/subjects/" + subject, foreign).code()).isEqualTo("404 40403");
    assertThat(post("/subjects/none-value", own).code()).isEqualTo("404 40401");
    assertThat(post("/subjects/" + subject + "/versions", foreign).code()).isEqualTo("422 42205");
    assertThat(post("/subjects/" + subject, "{").code()).isEqualTo("422 42201");
  }

  /// An answer to a `POST`.
  private record Answered(int status, JsonNode body) {
    static String schema(String schema) {
      return JsonNodeFactory.instance.objectNode().put("schema", schema).toString();
    }

    String code() {
      return status + " " + body.path("error_code").asInt();
    }
  }

  private Answered post(String path, String body) throws Exception {
    URI uri = URI.create(server.getURI() + "/registry" + path);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", RegistryAnswers.MEDIA_TYPE)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    return new Answered(answer.statusCode(), CanonicalJson.read(answer.body()));
  }

  @Test
  void shouldSayInTheRegistrysFormWhatIsMissing() throws Exception {
    String subject = broker.clients().name(Topic.ROUTES) + "-value";
    for (var wrong :
        Map.of(
                "/schemas/ids/7",
                "404 40403",
                "/schemas/ids/x",
                "404 40403",
                "/subjects/none-value/versions",
                "404 40401",
                "/subjects/none-value/versions/1",
                "404 40401",
                "/config/" + subject,
                "404 40408",
                "/mode/" + subject,
                "404 40409",
                "/subjects/" + subject + "/versions/99",
                "404 40402",
                "/subjects/" + subject + "/versions/old",
                "422 42202")
            .entrySet()) {
      // When
      HttpResponse<String> answer = get(wrong.getKey());
      // Then
      int code = CanonicalJson.read(answer.body()).path("error_code").asInt();
      assertThat(answer.statusCode() + " " + code).as(wrong.getKey()).isEqualTo(wrong.getValue());
    }
  }
}
