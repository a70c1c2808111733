package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.e2e.PutAside.Place;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.event.entity.EntityEvent.IntegrationRegistered;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.security.ApiKey;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.rebuild.Verification;
import dev.nexus.projector.rebuild.Verifier;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import dev.nexus.testkit.Seeds;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Records that can be decoded and are false: they have no effect, on those who read on and on
/// those who begin behind them, and people can see them. `PoisonIT` has those that cannot be.
class FalseRecordsIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.ofClass();

  private static final String POST =
      """
      appId: post
      components:
        - {componentId: echo, handlerType: BUILTIN, taskDetails: {function: echo}}
      triggers:
        - {triggerId: letters, eventType: com.example.letter, source: "urn:post:letters", component: echo}
      """;

  private static final String INTEGRATION = "letters";

  /// That have been sent so far.
  private static int lettersSent;

  private static FaultReport report;

  @BeforeAll
  static void publish() throws IOException {
    report = new FaultReport("FalseRecordsIT");
    platform.apply("lab");
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files").put("app_definition.yaml", POST);
    platform.apply("post", body);
    var registered =
        new IntegrationRegistered(INTEGRATION, "urn:post:letters", "none", "", "cloudevents");
    platform
        .platform()
        .context()
        .getBean(EventProducer.class)
        .send(
            EventCodec.of(Topic.ENTITIES, EntityEvent.class),
            "default/integration/" + INTEGRATION,
            new Event<EntityEvent>(FalseRecord.envelope(), registered))
        .join();
  }

  @ParameterizedTest
  @MethodSource("dev.nexus.testkit.Seeds#ofRun")
  void shouldGoOnAfterRecordsThatNobodyCanHaveWritten(long seed) throws Exception {
    // Given
    Seeds.print("FalseRecordsIT", seed);
    everythingWorks("before-" + seed);

    // When
    long from = System.nanoTime();
    Map<Place, FalseRecord> written = write(all(seed));

    // Then
    assertPutAside(written);
    everythingWorks("running-" + seed);
    Duration taken = Duration.ofNanos(System.nanoTime() - from);
    report.add(
        "record that can be read and is false",
        Duration.ZERO,
        "everything works after " + FaultReport.seconds(taken) + ", " + written.size() + " of them",
        seed);
    assertFolded();

    // When
    platform.restart();

    // Then
    everythingWorks("started-" + seed);
    assertFolded();
    assertPutAside(written);
    assertShown(written);
  }

  private static List<FalseRecord> all(long seed) {
    var lab =
        platform
            .platform()
            .context()
            .getBean(DefinitionCatalog.class)
            .current(TenantId.DEFAULT, "lab")
            .orElseThrow();
    Random random = new Random(seed);
    FalseWork work = new FalseWork(random);
    List<FalseRecord> all = new ArrayList<>(FalseRecords.routes());
    all.addAll(FalseRecords.definitions(lab.digest(), lab.application()));
    String keyId = ApiKey.parse(platform.operatorKey()).orElseThrow().keyId();
    all.addAll(FalseRecords.entities(keyId, INTEGRATION));
    all.addAll(FalseRecords.oracle());
    all.addAll(FalseRecords.snapshots());
    all.addAll(work.unreadable());
    all.addAll(work.requests());
    all.addAll(work.facts());
    all.addAll(work.tasks());
    all.addAll(work.outcomes());
    all.addAll(work.events());
    Collections.shuffle(all, random);
    all.addAll(work.ofNobody(lab.digest()));
    return all;
  }

  private static Map<Place, FalseRecord> write(List<FalseRecord> records)
      throws ExecutionException, InterruptedException {
    Map<Place, FalseRecord> written = new LinkedHashMap<>();
    try (KafkaProducer<String, byte[]> stranger = clients().producer("stranger")) {
      for (FalseRecord each : records) {
        var sent = stranger.send(each.on(clients().name(each.topic()))).get();
        written.put(new Place(sent.topic(), sent.partition(), sent.offset()), each);
      }
    }
    return written;
  }

  /// Those that must be are put aside with their reasons.
  private static void assertPutAside(Map<Place, FalseRecord> written) {
    Eventually.holds(
        () -> {
          Map<Place, String> found = PutAside.reasons(clients());
          SoftAssertions softly = new SoftAssertions();
          written.forEach(
              (place, each) ->
                  softly
                      .assertThat(found.getOrDefault(place, ""))
                      .as(each + " at " + place)
                      .contains(each.reason()));
          softly.assertAll();
        });
  }

  /// What `./nexus dead-letters` shows is the same.
  private static void assertShown(Map<Place, FalseRecord> written) {
    for (Topic topic : List.of(Topic.DEFINITIONS, Topic.ENTITIES, Topic.ROUTES, Topic.SNAPSHOTS)) {
      HttpResponse<String> answer =
          platform.get("/v1/dead-letters?limit=1000&topic=" + topic.shortName());
      JsonNode letters = PlatformExtension.json(answer, 200).path("deadLetters");
      List<String> expected = new ArrayList<>();
      written.forEach(
          (place, each) -> {
            if (each.topic() == topic && !each.reason().isEmpty()) {
              expected.add(place.toString());
            }
          });
      assertThat(letters.findValuesAsText("id")).containsAll(expected);
    }
  }

  /// Calls, a key, outside events, and every service.
  ///
  /// @param name of no other time it is asked
  private static void everythingWorks(String name) {
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
      String token = answer.path("token").asText();
      String path = "/v1/executions/" + answer.path("executionId").asText();
      JsonNode shown = PlatformExtension.json(platform.shown(path, token, key), 200);
      assertThat(shown.path("status").asText()).isEqualTo("SUCCEEDED");
    }
    for (int i = 0; i < 12; i++) {
      List<String> letter = letter(name + "-" + i);
      Eventually.value(
          () -> platform.send("POST", "/v1/events", platform.operatorKey(), "{}", letter),
          answer -> answer.statusCode() < 300,
          "an event that is let in");
    }
    lettersSent += 12;
    Eventually.holds(() -> assertThat(answered()).isEqualTo(lettersSent));
    Eventually.holds(() -> assertThat(platform.platform().services().unhealthy()).isEmpty());
  }

  private static List<String> letter(String id) {
    return List.of(
        "ce-specversion",
        "1.0",
        "ce-id",
        id,
        "ce-source",
        "urn:post:letters",
        "ce-type",
        "com.example.letter");
  }

  private static long answered() {
    HttpResponse<String> answer = platform.get("/v1/executions?app=post&limit=100");
    return PlatformExtension.json(answer, 200)
        .path("executions")
        .findValuesAsText("status")
        .stream()
        .filter("SUCCEEDED"::equals)
        .count();
  }

  private static void assertFolded() {
    Verification found =
        platform.platform().context().getBean(Verifier.class).verify(Duration.ofMinutes(2));
    assertThat(found.differences()).isEmpty();
    assertThat(found.notCompared()).isEmpty();
  }

  private static KafkaClients clients() {
    return new KafkaClients(platform.platform().settings());
  }
}
