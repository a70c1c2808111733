package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.e2e.PutAside.Place;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import dev.nexus.testkit.Scale;
import dev.nexus.testkit.Seeds;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Records that no service of Nexus wrote: they cost themselves or one execution, never a partition
/// and never a start.
class PoisonIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.ofClass();

  /// Topics that no service reads, so nobody puts aside what stands there: lanes without workers,
  /// what an owner reads at its start only, and what is for people. Those of dead letters are told
  /// by `dead-letters list`.
  private static final Set<Topic> UNREAD =
      EnumSet.of(
          Topic.TASKS_TOOL,
          Topic.LOGS,
          Topic.SANDBOXES,
          Topic.VALUES,
          Topic.AUDIT_INTENTS,
          Topic.DEAD_LETTERS);

  /// Topics of which this instance reads one partition only.
  private static final Set<Topic> READ_IN_PART =
      EnumSet.of(Topic.REPLIES, Topic.VALUE_REPLIES, Topic.METRICS);

  /// Key of what no service wrote, or what its key ends with.
  private static final String JUNK = "junk";

  private static final int NEIGHBOURS = Scale.of(1_000);

  /// Calls under way while a topic is spoilt.
  private static final int LOAD = Scale.of(60);

  /// Kinds of junk on each partition of a topic.
  private static final int KINDS = Scale.of(2);

  private static final List<Long> SEEDS = Seeds.ofRun();

  /// Records of this test.
  private static final Set<Place> written = ConcurrentHashMap.newKeySet();

  private static final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private static final Set<String> strange = ConcurrentHashMap.newKeySet();
  private static final Map<Long, Duration> longest = new ConcurrentHashMap<>();
  private static final AtomicInteger junkFacts = new AtomicInteger();

  @BeforeAll
  static void publish() {
    SEEDS.forEach(seed -> Seeds.print("PoisonIT", seed));
    platform.apply("lab");
  }

  /// After all of it: what any other fault leaves, and as many records that are no facts as were
  /// written.
  @AfterAll
  static void assertNothingLostOrTwice() throws IOException {
    try (LogCheck log = new LogCheck(platform.platform())) {
      strange.forEach(log.facts()::except);
      log.letters().exceptRecords(written);
      log.letters().except(PoisonIT::isProvoked);
      log.assertNothingLostOrTwice(accepted);
      assertThat(log.facts().unreadable()).isEqualTo(junkFacts.get());
    }
    FaultReport report = new FaultReport("PoisonIT");
    for (var entry : longest.entrySet()) {
      String after = "everything works after " + FaultReport.seconds(entry.getValue());
      report.add("record that cannot be used", Duration.ZERO, after, entry.getKey());
    }
  }

  /// Of the execution that cannot be, whose true facts are in doubt too, and of junk that was
  /// replayed, which stands elsewhere then.
  private static boolean isProvoked(RecordDeadLettered letter) {
    String about = LetterCheck.about(letter);
    return strange.contains(about) || about.equals(JUNK);
  }

  static Stream<Arguments> eachTopic() {
    return SEEDS.stream()
        .flatMap(seed -> Arrays.stream(Topic.values()).map(topic -> arguments(topic, seed)));
  }

  @ParameterizedTest
  @MethodSource("eachTopic")
  void shouldPutAsideWhatIsNoEventAndGoOn(Topic topic, long seed) throws Exception {
    // Given
    Random random = new Random(seed ^ topic.name().hashCode());
    try (var load = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<Integer>> calls = load.submit(() -> callMany(LOAD));

      // When
      long from = System.nanoTime();
      List<Place> spoilt = spoil(topic, random);

      // Then
      assertReadOn(topic, spoilt);
      longest.merge(
          seed, Duration.ofNanos(System.nanoTime() - from), (a, b) -> a.compareTo(b) > 0 ? a : b);
      assertThat(calls.get()).hasSize(LOAD).containsOnly(200);
    }
  }

  private static void assertReadOn(Topic topic, List<Place> spoilt) {
    if (READ_IN_PART.contains(topic)) {
      Eventually.holds(() -> assertThat(putAside()).containsAnyElementsOf(spoilt));
    } else if (!UNREAD.contains(topic)) {
      Eventually.holds(() -> assertThat(putAside()).containsAll(spoilt));
    }
    everythingWorks("live-" + topic + spoilt.getFirst());
    if (UNREAD.contains(topic)) {
      assertThat(putAside()).as("somebody reads " + topic).doesNotContainAnyElementsOf(spoilt);
    }
  }

  @Test
  void shouldRefuseNoWorkForReportsThatAreNone() {
    // Given
    String router = BacklogReports.key("router", 0);
    long much = 1_000_000_000;
    List<Place> strange =
        List.of(
            place(Topic.METRICS, router, new byte[] {0, 0, 0, 0, 9, 1}),
            place(Topic.METRICS, router, null),
            place(Topic.METRICS, router, lettered(0, "[]")),
            place(Topic.METRICS, router, measured()),
            place(Topic.METRICS, router, reported("router", -1)),
            place(Topic.METRICS, BacklogReports.key("lane-code", -1), reported("router", much)));

    // When
    Eventually.holds(() -> assertThat(putAside()).containsAll(strange));

    // Then
    everythingWorks("junk-reports");
    assertThat(platform.get("/v1/dead-letters?topic=metrics&limit=100").body())
        .contains("BacklogMeasured expected under this key, found TaskMeasured")
        .contains("the key of this report is backlog/router/0, found backlog/lane-code/-1")
        .contains("a backlog of 0 or more expected, found -1")
        .contains("found no value");

    // When a true one comes
    HttpResponse<String> refused =
        Eventually.value(
            () -> {
              place(Topic.METRICS, router, reported("router", much));
              return echo();
            },
            answer -> answer.body().contains("router is " + much + " records behind"),
            "a refusal");

    // Then the reader still reads
    assertThat(refused.statusCode()).isEqualTo(429);
    place(Topic.METRICS, router, reported("router", 0));
    Eventually.holds(() -> assertThat(echo().statusCode()).isEqualTo(200));
  }

  @Test
  void shouldTellDeadLettersFromWhatIsNone() {
    // Given a letter between records that are none
    Place junk = place(Topic.DEAD_LETTERS, JUNK, new byte[] {7});
    Place unused = spoil(Topic.REQUESTS, new Random(SEEDS.getFirst())).getFirst();
    Eventually.holds(() -> assertThat(putAside()).contains(unused));
    place(Topic.DEAD_LETTERS, null, null);
    place(Topic.DEAD_LETTERS, "a/b", reported("router", 1));
    place(Topic.DEAD_LETTERS, "nexus.requests/-1/0", lettered(-1, "[]"));
    Place newest = place(Topic.DEAD_LETTERS, "nexus.requests/0/0", lettered(0, "no JSON"));

    // When
    JsonNode list =
        PlatformExtension.json(platform.get("/v1/dead-letters?topic=requests&limit=1000"), 200);

    // Then
    assertThat(list.path("deadLetters").findValuesAsText("id"))
        .contains(unused.toString())
        .doesNotContain("nexus.requests--1@0");
    assertThat(list.path("strays").asInt()).isGreaterThanOrEqualTo(5);
    assertThat(list.at("/newestStray/record").asText()).isEqualTo(newest.toString());
    assertThat(list.at("/newestStray/reason").asText()).contains("not a JSON array of {name");
    assertThat(platform.get("/v1/dead-letters/" + unused).statusCode()).isEqualTo(200);
    assertThat(platform.post("/v1/dead-letters/" + unused + "/replay", "").statusCode())
        .isEqualTo(202);
    assertThat(platform.get("/v1/dead-letters/" + junk).statusCode()).isEqualTo(404);
  }

  @Test
  void shouldStartOnALogThatIsSpoiltEverywhere() {
    // Given
    List<Place> spoilt = new ArrayList<>();
    Random random = new Random(SEEDS.getLast());
    for (Topic topic : Topic.values()) {
      List<Place> places = spoil(topic, random);
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
    platform.apply("patient");
    JsonNode accepted =
        PlatformExtension.json(
            platform.post("/v1/apps/patient/components/number/invoke?wait=0s", "{}"), 202);
    ExecutionId odd = ExecutionId.parse(accepted.path("executionId").asText());
    List<String> facts =
        Eventually.value(
            () -> factsOf(odd), found -> found.contains("TaskFailed"), "the first end of " + odd);
    strange.add(odd.toString());
    writeFact(odd, facts.size() + 1);

    // When
    platform.restart();
    List<Integer> statuses = callMany(NEIGHBOURS);

    // Then
    assertThat(statuses).hasSize(NEIGHBOURS).containsOnly(200);
    Eventually.holds(
        () ->
            assertThat(platform.get("/v1/executions/" + odd).body())
                .contains("ExecutionQuarantined"));
    everythingWorks("quarantined");

    // When
    var released =
        platform.post("/v1/executions/" + odd + "/release?wait=30s", "{\"discard\": true}");

    // Then
    assertThat(released.statusCode()).as(released.body()).isEqualTo(200);
    Eventually.holds(
        () ->
            assertThat(platform.get("/v1/executions/" + odd).body()).contains("ExecutionReleased"));
  }

  /// Records in every partition that cannot be decoded, with the key that its readers look for and
  /// headers that have no value.
  private static List<Place> spoil(Topic topic, Random random) {
    String key = topic == Topic.METRICS ? BacklogReports.KEY_PREFIX + JUNK : JUNK;
    List<Place> places = new ArrayList<>();
    try (KafkaProducer<String, byte[]> stranger = clients().producer("stranger")) {
      for (var partition : stranger.partitionsFor(clients().name(topic))) {
        for (int kind = 0; kind < KINDS; kind++) {
          byte[] junk = Junk.any(random).value(random);
          places.add(send(stranger, topic, partition.partition(), key, junk));
        }
      }
    }
    if (topic == Topic.EXECUTIONS) {
      junkFacts.addAndGet(places.size());
    }
    return places;
  }

  /// Writes one record, where readers that read in part read.
  private static Place place(Topic topic, @Nullable String key, byte @Nullable [] value) {
    try (KafkaProducer<String, byte[]> stranger = clients().producer("stranger")) {
      return send(stranger, topic, BacklogReports.PARTITION, key, value);
    }
  }

  private static Place send(
      KafkaProducer<String, byte[]> stranger,
      Topic topic,
      int partition,
      @Nullable String key,
      byte @Nullable [] value) {
    var record = new ProducerRecord<>(clients().name(topic), partition, key, value);
    for (String header : List.of("ce_id", "ce_source", "ce_type", "content-type")) {
      record.headers().add(header, null);
    }
    try {
      var sent = stranger.send(record).get();
      Place place = new Place(sent.topic(), sent.partition(), sent.offset());
      written.add(place);
      return place;
    } catch (ExecutionException e) {
      throw new AssertionError("the broker refused the record", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static byte[] reported(String reader, long behind) {
    return metric(
        new MetricEvent.BacklogMeasured(reader, reader.equals("router") ? 0 : -1, behind));
  }

  private static byte[] measured() {
    return metric(
        new MetricEvent.TaskMeasured(
            new TaskKey(1, Role.SERVE, 1),
            "echo",
            Tier.BUILTIN,
            "",
            "succeeded",
            Duration.ZERO,
            Usage.NONE));
  }

  private static byte[] metric(MetricEvent body) {
    return EventCodec.of(Topic.METRICS, MetricEvent.class)
        .encode(new Event<>(envelope("", 0), body));
  }

  private static byte[] lettered(int partition, String headers) {
    var empty = ByteBuffer.allocate(0);
    var letter =
        new RecordDeadLettered(
            "nexus.requests", partition, 0, "x", "y", empty, empty, new Json(headers), 0);
    return EventCodec.of(Topic.DEAD_LETTERS, DeadLetterEvent.class)
        .encode(new Event<>(envelope("", 0), letter));
  }

  private static HttpResponse<String> echo() {
    return platform.post("/v1/apps/lab/components/echo/invoke", "{}");
  }

  private static Set<Place> putAside() {
    return PutAside.reasons(clients()).keySet();
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
      accepted.add(id);
      String token = answer.path("token").asText();
      JsonNode shown =
          PlatformExtension.json(platform.shown("/v1/executions/" + id, token, key), 200);
      assertThat(shown.path("status").asText()).isEqualTo("SUCCEEDED");
    }
    Eventually.holds(() -> assertThat(platform.platform().services().unhealthy()).isEmpty());
  }

  private static List<Integer> callMany(int count) throws InterruptedException, ExecutionException {
    List<Integer> statuses = new ArrayList<>();
    try (var callers = Executors.newFixedThreadPool(16)) {
      List<Future<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String body = "{\"neighbour\": " + i + "}";
        calls.add(
            callers.submit(
                () -> {
                  HttpResponse<String> answer =
                      platform.post("/v1/apps/lab/components/echo/invoke", body);
                  accepted.add(CanonicalJson.read(answer.body()).path("executionId").asText());
                  return answer.statusCode();
                }));
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

  private static void writeFact(ExecutionId execution, long sequence) {
    var fact =
        new Event<ExecutionEvent>(
            envelope(execution.toString(), sequence),
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

  private static Envelope envelope(String execution, long sequence) {
    return new Envelope(
        UUID.randomUUID(),
        Instant.now(),
        TenantId.DEFAULT,
        "patient",
        execution,
        sequence,
        "",
        "",
        "service:stranger",
        "",
        Position.NONE);
  }

  private static KafkaClients clients() {
    return new KafkaClients(platform.platform().settings());
  }
}
