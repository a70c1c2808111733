package dev.nexus.command.value;

import static dev.nexus.command.value.ValueSpec.BEGIN;
import static dev.nexus.command.value.ValueSpec.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.value.ValueEvent;
import dev.nexus.event.value.ValueEvent.ValueDeleted;
import dev.nexus.event.value.ValueEvent.ValueIncremented;
import dev.nexus.event.value.ValueEvent.ValueSet;
import dev.nexus.event.value.ValueRefusal;
import dev.nexus.event.value.ValueReplyEvent.AbsentReplied;
import dev.nexus.event.value.ValueReplyEvent.ChangedReplied;
import dev.nexus.event.value.ValueReplyEvent.FoundReplied;
import dev.nexus.event.value.ValueReplyEvent.ListReplied;
import dev.nexus.event.value.ValueRequestEvent;
import dev.nexus.event.value.ValueRequestEvent.DeleteRequested;
import dev.nexus.event.value.ValueRequestEvent.GetRequested;
import dev.nexus.event.value.ValueRequestEvent.IncrementRequested;
import dev.nexus.event.value.ValueRequestEvent.ListRequested;
import dev.nexus.event.value.ValueRequestEvent.SetRequested;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValueDeciderSpecTest {
  private static final ReplyAddress CALLER = new ReplyAddress("api-1", 0);
  private static final long ANY = ValueRequestEvent.ANY_VERSION;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static SetRequested set(String key, String json) {
    return set(key, json, ANY);
  }

  private static SetRequested set(String key, String json, long expected) {
    return new SetRequested(key, new Json(json), Duration.ZERO, expected, CALLER);
  }

  private static SetRequested setFor(Duration ttl, String key, String json) {
    return new SetRequested(key, new Json(json), ttl, ANY, CALLER);
  }

  private static IncrementRequested increment(String key, long by) {
    return incrementFor(Duration.ZERO, key, by);
  }

  private static IncrementRequested incrementFor(Duration ttl, String key, long by) {
    return new IncrementRequested(key, by, ttl, ANY, CALLER);
  }

  private static DeleteRequested delete(String key, long expected) {
    return new DeleteRequested(key, expected, CALLER);
  }

  private static GetRequested get(String key) {
    return new GetRequested(key, CALLER);
  }

  private static FoundReplied found(String json, long version) {
    return new FoundReplied("api-1", new Json(json), version, ValueEvent.NEVER);
  }

  private static AbsentReplied absent() {
    return new AbsentReplied("api-1");
  }

  @Test
  void shouldSetAValueAndReadItAsItWasWritten() {
    var set = set("total", "{\"eur\":1.10,\"big\":123456789012345678901234567890}");
    given()
        .when(set)
        .thenFact(
            new ValueSet("total", set.content(), 1, ValueEvent.NEVER, ValueDecider.digest(set)))
        .when(get("total"))
        .thenAnswered(found(set.content().text(), 1))
        .when(get("other"))
        .thenAnswered(absent());
  }

  @Test
  void shouldSetOnlyWhereTheExpectedVersionIs() {
    given(set("a", "1"))
        .when(set("a", "2", 0))
        .thenRefused(ValueRefusal.VERSION_CONFLICT, "expected no value, found version 1")
        .when(set("a", "2", 9))
        .thenRefused(ValueRefusal.VERSION_CONFLICT, "expected version 9, found version 1")
        .when(set("b", "2", 9))
        .thenRefused(ValueRefusal.VERSION_CONFLICT, "expected version 9, found no value")
        .when(set("a", "2", 1))
        .when(get("a"))
        .thenAnswered(found("2", 5));
  }

  @Test
  void shouldNeverGiveAVersionTwiceThoughTheValueWasGone() {
    given(set("a", "1"), delete("a", 1))
        .when(set("a", "1", 0))
        .when(set("a", "2", 1))
        .thenRefused(ValueRefusal.VERSION_CONFLICT, "found version 3");
  }

  @Test
  void shouldIncrementFromNothingAndDown() {
    var first = increment("n", 5);
    given()
        .when(first)
        .thenFact(
            new ValueIncremented(
                "n", new Json("5"), 5, 1, ValueEvent.NEVER, ValueDecider.digest(first)))
        .when(increment("n", -7))
        .when(get("n"))
        .thenAnswered(found("-2", 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"5\"", "5.0", "5e0", "null", "[5]", "true", "9223372036854775808"})
  void shouldRefuseToIncrementWhatIsNoWholeNumber(String json) {
    given(set("n", json))
        .when(increment("n", 1))
        .thenRefused(ValueRefusal.NO_WHOLE_NUMBER, json, "under n");
  }

  @Test
  void shouldRefuseToIncrementBeyondTheRange() {
    given(set("n", "9223372036854775806"))
        .when(increment("n", 1))
        .when(increment("n", 1))
        .thenRefused(ValueRefusal.OUT_OF_RANGE, "9223372036854775807")
        .when(get("n"))
        .thenAnswered(found("9223372036854775807", 2));
  }

  @Test
  void shouldReadWhatHasExpiredAsAbsentFromThatMomentOn() {
    given(setFor(MINUTE, "a", "1"))
        .after(MINUTE.minusMillis(1))
        .when(get("a"))
        .thenAnswered(new FoundReplied("api-1", new Json("1"), 1, BEGIN.plus(MINUTE)))
        .after(Duration.ofMillis(1))
        .when(get("a"))
        .thenAnswered(absent())
        .when(set("a", "2", 0))
        .when(get("a"))
        .thenAnswered(found("2", 4));
  }

  @Test
  void shouldKeepTheTimeOfACounterFromItsFirstIncrement() {
    given(incrementFor(MINUTE, "n", 1))
        .after(Duration.ofSeconds(50))
        .when(incrementFor(MINUTE, "n", 1))
        .when(get("n"))
        .thenAnswered(new FoundReplied("api-1", new Json("2"), 2, BEGIN.plus(MINUTE)))
        .after(Duration.ofSeconds(10))
        .when(get("n"))
        .thenAnswered(absent());
  }

  @Test
  void shouldDeleteOnceAndSayWhenThereWasNothing() {
    var delete = delete("a", ANY);
    given(set("a", "1"))
        .when(delete("a", 7))
        .thenRefused(ValueRefusal.VERSION_CONFLICT, "found version 1")
        .when(delete)
        .thenFact(new ValueDeleted("a", 3, ValueDecider.digest(delete)))
        .when(delete)
        .thenAnswered(absent());
  }

  @Test
  void shouldAnswerARepeatedRequestAsBeforeWhateverTheValueIsByNow() {
    given()
        .when("same", increment("n", 1))
        .when(set("n", "\"gone\""))
        .when("same", increment("n", 1))
        .thenAnswered(new ChangedReplied("api-1", new Json("1"), 1, ValueEvent.NEVER))
        .when("same", increment("n", 2))
        .thenRefused(ValueRefusal.REQUEST_REUSED)
        .when(get("n"))
        .thenAnswered(found("\"gone\"", 2));
  }

  @Test
  void shouldHoldAnApplicationToItsRoom() {
    given(set("a", "1"), set("b", "1"), setFor(MINUTE, "c", "1"))
        .when(set("d", "1"))
        .thenRefused(ValueRefusal.NO_ROOM, "at most 3 values, found 3")
        .when(set("a", "\"" + "x".repeat(995) + "\""))
        .thenRefused(ValueRefusal.NO_ROOM, "at most 1000 bytes")
        .when("neighbours", "theirs", set("d", "1"))
        .after(MINUTE)
        .when(set("d", "2"))
        .when(get("d"))
        .thenAnswered(found("2", 7));
  }

  @Test
  void shouldRefuseWhatNoValueCanBe() {
    given()
        .when(set("../x", "1"))
        .thenRefused(ValueRefusal.INVALID, "a key is made of", "../x")
        .when(set("k".repeat(257), "1"))
        .thenRefused(ValueRefusal.INVALID, "at most 256 characters, found 257")
        .when(set("k", "\"" + "x".repeat(65_536) + "\""))
        .thenRefused(ValueRefusal.INVALID, "at most 65536 bytes of JSON, found 65538")
        .when(setFor(Duration.ofMillis(999), "k", "1"))
        .thenRefused(ValueRefusal.INVALID, "1 second to 365 days, found 999 ms")
        .when(set("k", "1", -2))
        .thenRefused(ValueRefusal.INVALID, "found -2");
  }

  @Test
  void shouldListKeysOfAPrefixByPages() {
    var spec = given(set("user:2", "1"), set("user:1", "1"), set("x", "1"));
    spec.when(new ListRequested("user:", "", 1, CALLER))
        .thenAnswered(
            new ListReplied(
                "api-1", new Json("[{\"key\":\"user:1\",\"version\":2,\"expiresAt\":0}]"), true))
        .when(new ListRequested("user:", "user:1", 1, CALLER))
        .thenAnswered(
            new ListReplied(
                "api-1", new Json("[{\"key\":\"user:2\",\"version\":1,\"expiresAt\":0}]"), false));
    assertThat(spec.facts()).hasSize(3);
  }
}
