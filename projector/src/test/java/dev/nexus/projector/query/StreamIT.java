package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.security.ApiKey;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.projector.Running;
import dev.nexus.projector.Story;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.testkit.UnreadStream;
import dev.nexus.topic.Topic;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Who may listen to the live stream, for how long, and how many.
class StreamIT {
  private static final int MOST_OF_A_KEY = 16;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofClass();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();
  @TempDir static Path data;

  private static Platform platform;
  private static Running writer;

  @BeforeAll
  static void begin() {
    platform = new Platform(broker, redis, data);
    writer = new Running(broker.clients(), redis.client(), 1_000);
  }

  @AfterAll
  static void end() {
    writer.close();
    platform.close();
  }

  /// Only of an application that is known can facts be waited for.
  private static String of(String app) {
    writer.write(Story.of("known-" + app, app, Story.BEGIN).answeredByCode("c", "1").facts());
    String operator = key("operator");
    Eventually.value(
        () -> platform.get(operator, "/v1/executions?app=" + app).body(),
        body -> body.contains("executionId"),
        app + " is known");
    return "/v1/stream?app=" + app;
  }

  @Test
  void shouldRefuseToWaitForWhatNeverComes() {
    // Given
    String key = key("operator");
    // When
    HttpResponse<String> type = platform.get(key, "/v1/stream?type=ExecutionSuceeded");
    String asked = of("asked");
    HttpResponse<String> app = platform.get(key, asked + "2");
    HttpResponse<String> component = platform.get(key, asked + "&component=d");
    HttpResponse<String> other = platform.get(key("app:asked:read"), "/v1/stream?app=asked2");
    // Then
    assertThat(type.statusCode()).as(type.body()).isEqualTo(400);
    assertThat(type.body()).contains("ExecutionSuceeded", "such as ExecutionSucceeded");
    assertThat(app.statusCode()).as(app.body()).isEqualTo(404);
    assertThat(app.body()).contains("unknown-application", "asked2");
    assertThat(component.statusCode()).as(component.body()).isEqualTo(404);
    assertThat(component.body()).contains("no component 'd'; did you mean c?");
    assertThat(other.statusCode()).isEqualTo(403);
  }

  private static String key(String... scopes) {
    String key = platform.key(scopes);
    Eventually.value(
        () -> platform.get(key, "/v1/oracle").statusCode(), s -> s == 200, "a known key");
    return key;
  }

  @Test
  void shouldEndTheStreamOfAKeyThatIsRevoked() throws Exception {
    // Given
    String key = key("app:streamed:read");
    String stream = of("streamed");
    try (Listening listening = new Listening(platform, key, stream, "")) {
      assertThat(listening.awaitStatus()).isEqualTo(200);
      listening.awaitEvent("open");
      // When
      platform
          .context()
          .getBean(ApiKeys.class)
          .revoke(TenantId.DEFAULT, "key:test", ApiKey.parse(key).orElseThrow().keyId());
      // Then
      assertThat(listening.awaitEvent("dropped")).contains("revoked");
      assertThat(platform.get(key, stream).statusCode()).isEqualTo(401);
    }
  }

  @Test
  void shouldHearATypeThatIsNamedTwiceOnce() throws Exception {
    // Given
    String types = "type=ExecutionSucceeded,ExecutionSucceeded";
    try (Listening listening =
        new Listening(platform, key("operator"), of("twice") + "&" + types, "")) {
      assertThat(listening.awaitStatus()).isEqualTo(200);
      listening.awaitEvent("open");
      // When
      Story story = Story.of("twice", "twice", Story.BEGIN).answeredByCode("c", "1");
      Story next = Story.of("twice-next", "twice", Story.BEGIN).answeredByCode("c", "2");
      writer.write(story.facts());
      // Then
      assertThat(listening.awaitEvent("ExecutionSucceeded")).contains(story.id().toString());
      // When
      writer.write(next.facts());
      // Then
      assertThat(listening.awaitEvent("ExecutionSucceeded")).contains(next.id().toString());
    }
  }

  /// What nobody reads fills the buffers of both sockets first; then the platform keeps it, up to a
  /// limit.
  @Test
  void shouldDropAClientThatDoesNotReadWithTheReason() throws Exception {
    // Given a client that has heard that the stream is open, and reads no more
    String key = key("operator");
    String stream = of("unread");
    try (UnreadStream unread = new UnreadStream(platform.uri(), key, stream)) {
      unread.readTo("event: open");
      String text = "\"" + "x".repeat(24_000) + "\"";

      // When more is written than all buffers hold
      List<Event<ExecutionEvent>> facts = new ArrayList<>();
      for (int i = 0; i < 700; i++) {
        facts.addAll(
            Story.of("unread-" + i, "unread", Story.BEGIN).answeredByCode("c", text).facts());
      }
      writer.write(facts);

      // Then what it finds when it reads on ends with the reason, and another client is none the
      // worse
      String last = unread.readTo("event: dropped");
      assertThat(last).contains("event: dropped");
      assertThat(unread.readTo("too slow: more than 8 MiB of facts waited"))
          .contains("lastEventId");
      try (Listening another = new Listening(platform, key, stream, "")) {
        assertThat(another.awaitStatus()).isEqualTo(200);
        another.awaitEvent("open");
      }
    }
  }

  @Test
  void shouldSayThatFactsAfterItsPositionAreGone() throws Exception {
    // Given a client that had heard something, and facts behind that which were deleted since
    String key = key("operator");
    String stream = of("gap");
    String last;
    try (Listening listening = new Listening(platform, key, stream, "")) {
      listening.awaitStatus();
      listening.awaitEvent("open");
      writer.write(Story.of("one", "gap", Story.BEGIN).answeredByCode("c", "1").facts());
      listening.awaitEvent("ExecutionSucceeded");
      last = listening.lastId();
    }
    writer.writeStories("deleted", 50);
    awaitFolded(key, 50);
    deleteAllFacts();
    Story next = Story.of("two", "gap", Story.BEGIN).answeredByCode("c", "1");
    writer.write(next.facts());
    String gap;

    // When
    try (Listening again = new Listening(platform, key, stream, last)) {

      // Then
      assertThat(again.awaitStatus()).isEqualTo(200);
      assertThat(again.awaitEvent("gap")).contains("no longer has them").contains("positions");
      gap = again.lastId();
      assertThat(again.awaitEvent("ExecutionSucceeded")).contains(next.id().toString());
    }
    assertHearsAllWithoutAGap(next, next.facts().size(), key, stream, gap);
  }

  @Test
  void shouldSayThatTheLogHasLostItsEndBeforeItsPosition() throws Exception {
    // Given an id from before they said more than places, of a longer log
    String key = key("operator");
    String stream = of("shorter");
    Story next = Story.of("next", "shorter", Story.BEGIN).answeredByCode("c", "1");
    String gap;

    // When
    try (Listening again = new Listening(platform, key, stream, "x0:1000000")) {

      // Then
      assertThat(again.awaitStatus()).isEqualTo(200);
      assertThat(again.awaitEvent("gap"))
          .contains("the log has lost its end", "\"positions\":0", "\"lostEnds\":1");
      gap = again.lastId();
      writer.write(next.facts());
      assertThat(again.awaitEvent("ExecutionSucceeded")).contains(next.id().toString());
    }
    assertHearsAllWithoutAGap(next, next.facts().size(), key, stream, gap);
  }

  /// Of the client whose connection ends before anything comes behind the gap it was told of, and
  /// that returns with that event's id.
  ///
  /// @param written facts of the story, in one partition; one more is written once it listens, so
  ///     that it is known when all of them must have come
  private static void assertHearsAllWithoutAGap(
      Story story, int written, String key, String stream, String gap) throws Exception {
    List<String> names = new ArrayList<>();
    try (Listening back = new Listening(platform, key, stream, gap)) {
      assertThat(back.awaitStatus()).isEqualTo(200);
      names.add(back.nextEvent().name());
      writer.write(story.truth("1").facts().subList(written, written + 1));
      while (!names.getLast().equals("TruthReported")) {
        names.add(back.nextEvent().name());
      }
    }
    List<String> expected = new ArrayList<>(List.of("open"));
    story.facts().forEach(fact -> expected.add(fact.body().getClass().getSimpleName()));
    names.removeIf("quiet"::equals);
    assertThat(names).isEqualTo(expected);
  }

  /// So that the projector has what is deleted then.
  private static void awaitFolded(String key, int stories) {
    Eventually.value(
        () -> CanonicalJson.read(platform.get(key, "/v1/summary?app=triage").body()),
        summary ->
            summary.path("requests").asInt() == stories && summary.path("lag").asLong(-1) == 0,
        "all is folded");
  }

  private static void deleteAllFacts() throws Exception {
    String topic = broker.clients().name(Topic.EXECUTIONS);
    try (var admin = broker.clients().admin()) {
      Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
      for (int i = 0; i < BrokerExtension.SPREAD.executionPartitions(); i++) {
        ends.put(new TopicPartition(topic, i), OffsetSpec.latest());
      }
      Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
      admin
          .listOffsets(ends)
          .all()
          .get()
          .forEach((p, end) -> all.put(p, RecordsToDelete.beforeOffset(end.offset())));
      admin.deleteRecords(all).all().get();
    }
  }

  @Test
  void shouldCountThoseWhoCatchUpAmongTheListeners() throws Exception {
    // Given
    String key = key("operator");
    String stream = of("many");
    List<Listening> all = new ArrayList<>();
    try {
      for (int i = 0; i < MOST_OF_A_KEY; i++) {
        Listening one = new Listening(platform, key, stream, "x0:0");
        all.add(one);
        assertThat(one.awaitStatus()).isEqualTo(200);
      }
      // When
      Listening over = new Listening(platform, key, stream, "x0:0");
      all.add(over);
      Listening another = new Listening(platform, key("operator"), stream, "x0:0");
      all.add(another);
      // Then
      assertThat(over.awaitStatus()).isEqualTo(429);
      assertThat(another.awaitStatus()).as("with another key").isEqualTo(200);
      assertThat(platform.get(key, stream).body()).contains("too-many-streams", "16 streams open");
    } finally {
      all.forEach(Listening::close);
    }
    Eventually.holds(
        () -> {
          try (Listening again = new Listening(platform, key, stream, "")) {
            assertThat(again.awaitStatus()).as("after the others left").isEqualTo(200);
          }
        });
  }
}
