package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogLag;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedAnswer;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Load on `nexus.ingress` that is more than the platform does: it lets in about as much as its
/// parts may be behind, leaves the rest on the topic, and does all of it when it can. What is more
/// than a tenant may keep never waits: it is put aside.
class IngressPausesIT {
  private static final int LIMIT = 40;
  private static final int EVENTS = 6 * LIMIT;

  /// What is let in until the first reports of those who got it are here, which a busy machine
  /// delays, and two parts of it more.
  private static final int LET_IN_AT_MOST = 4 * LIMIT;

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String ECHO = "handlerType: BUILTIN, taskDetails: {function: echo}";

  /// Answers wait for it.
  private static final AtomicReference<CountDownLatch> GATE =
      new AtomicReference<>(new CountDownLatch(0));

  /// Calls of a test that were accepted.
  private static final AtomicInteger CALLS = new AtomicInteger();

  private static final ScriptedModel MODEL =
      ScriptedModel.builder()
          .behaviour(Behaviour.flawless(1).withMedianLatency(Duration.ofMillis(1)))
          .script(
              found -> {
                await(GATE.get());
                return Optional.of(ScriptedAnswer.always(found.getFirst(), found.getFirst()));
              })
          .start();

  @Order(1)
  @RegisterExtension
  static final RelayedRedis redis = RelayedRedis.start();

  @Order(2)
  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(
          Map.of(
              "NEXUS_BACKLOG_LIMIT",
              String.valueOf(LIMIT),
              "NEXUS_REDIS_URL",
              redis.url(),
              "NEXUS_LLM_BASE_URL",
              MODEL.baseUrl().toString(),
              "NEXUS_LLM_MODEL",
              ScriptedModel.NAME,
              "NEXUS_PAYLOAD_QUOTA_MB",
              "1"));

  private static FaultReport report;

  @BeforeAll
  static void beginReport() throws IOException {
    report = new FaultReport("IngressPausesIT");
  }

  @AfterAll
  static void endModel() {
    MODEL.close();
  }

  @Test
  void shouldLeaveEventsOnTheTopicWhileTasksAreSlow() throws IOException {
    // Given
    apply("slow", "handlerType: LLM, taskDetails: {template: '{{ input | tojson }}'}");
    Instant begun = Instant.now();
    GATE.set(new CountDownLatch(1));

    // When
    send("slow");

    // Then: what leaves events on the topic refuses calls
    assertThat(refusal("slow", "lane-model is ")).contains("refused above " + LIMIT);
    long left =
        Eventually.value(
            PATIENCE,
            IngressPausesIT::waitingSteadily,
            waiting -> summary("slow").path("requests").asLong() == EVENTS - waiting + CALLS.get(),
            "each event that was let in is a request");
    assertThat(left).isBetween((long) EVENTS - LET_IN_AT_MOST, EVENTS - 1L);
    assertThat(summary("slow").path("succeeded").asLong()).isZero();

    // When
    GATE.get().countDown();
    Instant over = Instant.now();

    // Then
    String recovery = allPassAndAreDoneOnce("slow", over, left);
    report.add("tasks behind, events wait", Duration.between(begun, over), recovery);
  }

  @Test
  void shouldLeaveEventsOnTheTopicWhileProjectionsLag() throws IOException {
    // Given
    apply("shown", ECHO);
    Instant begun = Instant.now();
    redis.road().delay(Duration.ofSeconds(2));

    // When
    send("shown");
    long left = waitingSteadily();

    // Then
    assertThat(left).isBetween((long) EVENTS - LET_IN_AT_MOST, EVENTS - 1L);
    assertThat(refusal("shown", "projector-executions is ")).contains("refused above " + LIMIT);

    // When
    redis.road().pass();
    Instant over = Instant.now();

    // Then
    String recovery = allPassAndAreDoneOnce("shown", over, left);
    report.add("projections behind, events wait", Duration.between(begun, over), recovery);
  }

  @Test
  void shouldPutAsideWhatIsMoreThanATenantMayKeepAndGoOn() {
    // Given
    apply("large", ECHO);

    // When
    try (var integration = clients().producer("integration")) {
      integration.send(event("large", 0, "{\"text\": \"" + "x".repeat(1_200_000) + "\"}"));
      integration.send(event("large", 1, "{\"n\": 1}"));
      integration.flush();
    }

    // Then
    Eventually.holds(
        PATIENCE,
        () ->
            assertThat(platform.get("/v1/dead-letters?topic=ingress").body())
                .contains("tenant default has", "more do not fit: raise NEXUS_PAYLOAD_QUOTA_MB"));
    succeed("large", 1);
    assertLog(List.of(execution("large", 1)));
  }

  private static void apply(String app, String handler) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put(
            "app_definition.yaml",
            """
            appId: %1$s
            components:
              - {componentId: work, %2$s}
            integrations:
              - {integrationId: %1$s, source: 'urn:%1$s'}
            triggers:
              - {triggerId: all, eventType: com.example.ordered, component: work}
            """
                .formatted(app, handler));
    platform.apply(app, body);
    CALLS.set(0);
    Eventually.holds(
        PATIENCE, () -> assertThat(call(app).statusCode()).as("a call").isEqualTo(202));
  }

  /// A call; one that is accepted is work too.
  private static HttpResponse<String> call(String app) {
    HttpResponse<String> answer =
        platform.post("/v1/apps/" + app + "/components/work/invoke?wait=0s", "{\"n\": 0}");
    if (answer.statusCode() == 202) {
      CALLS.incrementAndGet();
    }
    return answer;
  }

  /// Why no call is taken, when that is because of this part: it may catch up for a moment, and
  /// what is taken then puts it behind again.
  private static String refusal(String app, String part) {
    return Eventually.value(
        PATIENCE,
        () -> {
          HttpResponse<String> answer = call(app);
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(429);
          return CanonicalJson.read(answer.body()).path("detail").asText();
        },
        why -> why.startsWith(part),
        "a refusal because " + part);
  }

  private static void send(String app) {
    try (var integration = clients().producer("integration")) {
      for (int i = 0; i < EVENTS; i++) {
        integration.send(event(app, i, "{\"n\": " + (i + 1) + "}"));
      }
      integration.flush();
    }
  }

  private static ProducerRecord<String, byte[]> event(String app, int number, String json) {
    var record = new ProducerRecord<>(Topic.INGRESS.topicName(), "k" + number, bytes(json));
    Map.of(
            "ce_specversion", "1.0",
            "ce_source", "urn:" + app,
            "ce_id", "e-" + number,
            "ce_type", "com.example.ordered",
            "content-type", "application/json")
        .forEach((name, value) -> record.headers().add(name, bytes(value)));
    return record;
  }

  /// What an event starts.
  private static String execution(String app, int number) {
    return ExecutionId.ofSource(TenantId.DEFAULT, app, "work", "urn:" + app, "e-" + number)
        .toString();
  }

  /// Events left on the topic, when their number no longer changes.
  private static long waitingSteadily() {
    long[] known = {-1};
    try (Admin admin = clients().admin()) {
      Eventually.stays(
          Duration.ofSeconds(3),
          () -> {
            long before = known[0];
            known[0] = waiting(admin);
            assertThat(known[0]).isEqualTo(before);
          });
    }
    return known[0];
  }

  private static long waiting(Admin admin) throws ExecutionException, InterruptedException {
    return new LogLag(clients(), admin).ofGroup("trigger", List.of(Topic.INGRESS));
  }

  /// What was behind no longer is: the events that were left pass, and each has started one
  /// execution that has succeeded. Gives how long that took.
  private static String allPassAndAreDoneOnce(String app, Instant over, long left) {
    try (Admin admin = clients().admin()) {
      Eventually.value(PATIENCE, () -> waiting(admin), waiting -> waiting < left, "events pass");
    }
    Duration passed = Duration.between(over, Instant.now());
    succeed(app, EVENTS);
    Duration done = Duration.between(over, Instant.now());
    assertLog(IntStream.range(0, EVENTS).mapToObj(number -> execution(app, number)).toList());
    return "events pass after "
        + FaultReport.seconds(passed)
        + ", all are done after "
        + FaultReport.seconds(done);
  }

  /// So many events have, and the calls that were accepted, and nothing else was begun.
  private static void succeed(String app, int events) {
    Eventually.holds(
        PATIENCE,
        () -> {
          JsonNode summary = summary(app);
          assertThat(summary.path("succeeded").asLong()).isEqualTo(events + CALLS.get());
          assertThat(summary.path("requests").asLong()).isEqualTo(events + CALLS.get());
          assertThat(summary.path("lag").asLong()).isZero();
        });
  }

  private static void assertLog(List<String> accepted) {
    try (LogCheck log = new LogCheck(platform.platform())) {
      log.letters().except(letter -> letter.reason().contains("NEXUS_PAYLOAD_QUOTA_MB"));
      log.assertNothingLostOrTwice(accepted);
    }
  }

  private static JsonNode summary(String app) {
    return PlatformExtension.json(platform.get("/v1/summary?app=" + app), 200);
  }

  private static KafkaClients clients() {
    return new KafkaClients(
        Map.of("bootstrap.servers", platform.platform().addresses().kafka()), "");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void await(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
