package dev.nexus.command.value;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.value.ValueDecision.Accepted;
import dev.nexus.command.value.ValueDecision.Answered;
import dev.nexus.command.value.ValueSpec.Asked;
import dev.nexus.event.Json;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.value.ValueRequestEvent;
import dev.nexus.event.value.ValueRequestEvent.DeleteRequested;
import dev.nexus.event.value.ValueRequestEvent.GetRequested;
import dev.nexus.event.value.ValueRequestEvent.IncrementRequested;
import dev.nexus.event.value.ValueRequestEvent.SetRequested;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// What holds for every sequence of requests. A failure prints the seed that repeats it.
class ValuePropertiesTest {
  private static final ReplyAddress CALLER = new ReplyAddress("api-1", 0);

  private static ValueRequestEvent request(Random random) {
    String key = "k" + random.nextInt(4);
    Duration ttl = random.nextBoolean() ? Duration.ZERO : Duration.ofSeconds(1 + random.nextInt(5));
    long expected = random.nextInt(3) > 0 ? -1 : random.nextInt(6);
    return switch (random.nextInt(4)) {
      case 0 -> new GetRequested(key, CALLER);
      case 1 -> {
        String json = random.nextBoolean() ? Integer.toString(random.nextInt(9)) : "\"text\"";
        yield new SetRequested(key, new Json(json), ttl, expected, CALLER);
      }
      case 2 -> new IncrementRequested(key, random.nextInt(5) - 2, ttl, expected, CALLER);
      default -> new DeleteRequested(key, expected, CALLER);
    };
  }

  @Property(tries = 2_000)
  void shouldFoldToWhatTheOwnerHad(@ForAll long seed) {
    // Given
    Random random = new Random(seed);
    ValueSpec live = ValueSpec.given();
    for (int i = 0; i < 60; i++) {
      live.after(Duration.ofMillis(random.nextInt(2_000))).when(request(random));
    }
    // When
    ValueTable replayed = new ValueTable(ValueSpec.LIMITS);
    live.facts().forEach(replayed::take);
    replayed.letPass(live.table().now(), 60);
    // Then
    assertThat(replayed.equals(live.table())).isTrue();
  }

  /// Whatever of its facts the power took, and however long nobody decided.
  @Property(tries = 2_000)
  void shouldDecideAgainAsBeforeAfterARestart(@ForAll long seed) {
    // Given
    Random random = new Random(seed);
    ValueSpec live = ValueSpec.given();
    for (int i = 0; i < 60; i++) {
      live.after(Duration.ofMillis(random.nextInt(2_000))).when(request(random));
    }
    ValueTable restarted = new ValueTable(ValueSpec.LIMITS);
    long next = 0;
    for (var fact : live.facts().subList(0, random.nextInt(live.facts().size() + 1))) {
      restarted.take(fact);
      next = fact.envelope().input().inputOffset() + 1;
    }
    // When
    restarted.decidesAgainBefore(live.asked().size());
    Instant muchLater = live.table().now().plus(Duration.ofHours(1));
    for (Asked asked : live.asked().subList((int) next, live.asked().size())) {
      restarted.letPass(muchLater, asked.place());
      ValueDecision decision = restarted.decide(asked.request(), asked.place(), asked.at());
      // Then
      assertThat(decision).isEqualTo(asked.decision());
      if (decision instanceof Accepted(var body)) {
        restarted.take(
            ValueSpec.fact(asked.request().envelope(), body, restarted.now(), asked.place()));
      }
    }
    restarted.letPass(muchLater, live.asked().size());
    assertThat(restarted.now()).isEqualTo(muchLater);
  }

  @Property(tries = 2_000)
  void shouldApplyNoRequestTwice(@ForAll long seed) {
    Random random = new Random(seed);
    ValueSpec spec = ValueSpec.given();
    for (int i = 0; i < 40; i++) {
      // Given
      ValueRequestEvent request = request(random);
      spec.when("id " + i, request);
      boolean applied = spec.decision() instanceof Accepted;
      spec.when(request(random));
      int facts = spec.facts().size();
      // When
      spec.when("id " + i, request);
      // Then
      if (applied) {
        assertThat(spec.decision()).isInstanceOf(Answered.class);
        assertThat(spec.facts()).hasSize(facts);
      }
    }
  }

  @Property(tries = 2_000)
  void shouldGiveEachVersionOfAKeyOnce(@ForAll long seed) {
    Random random = new Random(seed);
    ValueSpec spec = ValueSpec.given();
    Set<Long> versions = new HashSet<>();
    for (int i = 0; i < 60; i++) {
      spec.after(Duration.ofMillis(random.nextInt(2_000))).when(request(random));
      if (spec.decision() instanceof Accepted(var fact)
          && ValueFold.apply(new ValueState.Absent(), fact) instanceof ValueState.Present present) {
        assertThat(versions.add(present.version())).isTrue();
      }
    }
  }
}
