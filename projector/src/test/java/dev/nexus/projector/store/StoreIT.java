package dev.nexus.projector.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.TenantId;
import dev.nexus.testkit.RedisExtension;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StoreIT {
  private static final Slot SLOT = new Slot("topic", 0);
  private static final Key COUNTERS = Key.of(TenantId.DEFAULT, "counters");
  private static final Key SEEN = Key.of(TenantId.DEFAULT, "seen");

  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  private ProjectionStore store;

  @BeforeEach
  void begin() {
    redis.clear();
    store = new ProjectionStore(redis.client(), "test");
    store.loadScripts();
    store.begin(SLOT, "", "log", 1, new Beginning(0, new Mark("g", 0), 0));
  }

  @AfterEach
  void end() {
    store.close();
  }

  private boolean apply(long base, Mutation... mutations) throws Exception {
    Changes changes = new Changes(new ViewCache(10));
    for (Mutation mutation : mutations) {
      changes.add(mutation);
    }
    return apply(base, changes, new Batch.Writer("one", false));
  }

  private boolean apply(long base, Changes changes, Batch.Writer writer) throws Exception {
    var applied =
        store.apply(
            new Batch(
                SLOT, Track.LIVE, "g", base, base + 1, changes, Optional.empty(), writer, false));
    store.flush();
    return applied.get(2, TimeUnit.MINUTES) == Applied.APPLIED;
  }

  private static Beginning beginning(String generation) {
    return new Beginning(0, new Mark(generation, 0), 0);
  }

  /// Names of generations under which there is something.
  private static List<String> kept() {
    try (var connection = redis.client().connect()) {
      return connection.sync().keys("default:*:counters").stream()
          .map(name -> StoredName.parse(name).orElseThrow().generation())
          .sorted()
          .toList();
    }
  }

  private static void put(String generation) {
    try (var connection = redis.client().connect()) {
      connection.sync().hset(SLOT.name(generation, COUNTERS), "field", "1");
    }
  }

  private String stored(String field) {
    try (var connection = redis.client().connect()) {
      return connection.sync().hget(SLOT.name("g", COUNTERS), field);
    }
  }

  @Test
  void shouldRefuseWhatFollowsARefusedBatchAlsoWhereAnotherWriterMadeItFit() throws Exception {
    // Given
    var first = new Batch.Writer("one", false);
    var next = new Batch.Writer("one", true);
    Changes none = new Changes(new ViewCache(10));
    assertThat(apply(0, none, first)).isTrue();
    assertThat(apply(1, none, new Batch.Writer("two", false))).isTrue();
    // When
    boolean refused = apply(1, none, next);
    boolean following = apply(2, none, next);
    // Then
    assertThat(refused).isFalse();
    assertThat(following).isFalse();
    assertThat(apply(2, none, new Batch.Writer("two", true))).isTrue();
  }

  @Test
  void shouldSweepNothingThatIsReadWhateverItIsTold() {
    // Given
    put("f");
    put("g");
    put("h");
    store.beginShadow(SLOT, "g", "log", 1, beginning("h"), 1);
    // When told of a generation that Redis does not know, as it went back since
    Sweeper.older(redis.client(), Map.of(SLOT, "i"));
    Sweeper.generation(redis.client(), SLOT, "h");
    // Then
    assertThat(kept()).containsExactly("g", "h");
    // When
    assertThat(store.giveUp(SLOT, "h", 1)).isTrue();
    Sweeper.generation(redis.client(), SLOT, "h");
    // Then
    assertThat(kept()).containsExactly("g");
    // When
    assertThat(store.begin(SLOT, "g", "log", 1, beginning("i"))).isTrue();
    Sweeper.older(redis.client(), Map.of(SLOT, "i"));
    // Then
    assertThat(kept()).isEmpty();
  }

  /// As an older copy of Redis, or another hand, may have it.
  @Test
  void shouldNotSweepWhatIsReadThoughItIsSaidToBeGivenUp() {
    // Given
    put("g");
    try (var connection = redis.client().connect()) {
      connection.sync().hset(SLOT.positionName(Track.SHADOW), "givenUp", "g");
    }
    // When
    Sweeper.generation(redis.client(), SLOT, "g");
    // Then
    assertThat(kept()).containsExactly("g");
  }

  @Test
  void shouldLetNobodyGiveUpAShadowThatALaterLeaseTookUp() {
    // Given
    assertThat(store.beginShadow(SLOT, "g", "log", 1, beginning("h"), 1)).isTrue();
    // When
    boolean taken = store.takeUp(SLOT, "h", 2);
    // Then
    assertThat(taken).isTrue();
    assertThat(store.takeUp(SLOT, "h", 1)).isFalse();
    assertThat(store.giveUp(SLOT, "h", 1)).isFalse();
    assertThat(store.giveUp(SLOT, "other", 2)).isFalse();
    assertThat(store.giveUp(SLOT, "h", 2)).isTrue();
    assertThat(store.takeUp(SLOT, "h", 3)).as("of what was given up").isFalse();
  }

  /// Names that were not swept yet would be part of it: a clock that was set back leads there.
  @Test
  void shouldBeginNoGenerationThatHasTheNameOfOneThatWasGivenUp() {
    // Given
    store.beginShadow(SLOT, "g", "log", 1, beginning("h"), 1);
    store.giveUp(SLOT, "h", 1);
    assertThat(store.generationBeside(SLOT)).isEqualTo("h");
    // When
    boolean begun = store.begin(SLOT, "g", "log", 1, beginning("h"));
    boolean beside = store.beginShadow(SLOT, "g", "log", 1, beginning("h"), 1);
    // Then
    assertThat(begun).isFalse();
    assertThat(beside).isFalse();
    // When it is swept
    assertThat(store.forgetGivenUp(SLOT, "other")).isFalse();
    assertThat(store.forgetGivenUp(SLOT, "h")).isTrue();
    // Then
    assertThat(store.beginShadow(SLOT, "g", "log", 1, beginning("h"), 1)).isTrue();
  }

  @Test
  void shouldStayAtTheLimitWhereASumIsMoreThanRedisCanCount() throws Exception {
    // Given
    assertThat(
            apply(
                0,
                new Mutation.Increment(COUNTERS, "up", Long.MAX_VALUE - 1),
                new Mutation.Increment(COUNTERS, "down", Long.MIN_VALUE + 1)))
        .isTrue();
    // When
    boolean applied =
        apply(
            1,
            new Mutation.Increment(COUNTERS, "up", 7),
            new Mutation.Increment(COUNTERS, "down", -7),
            new Mutation.Increment(COUNTERS, "other", 7));
    boolean once = apply(2, new Mutation.IncrementOnce(COUNTERS, "up", 1, SEEN, "a", 2, 10));
    // Then
    assertThat(applied).isTrue();
    assertThat(once).isTrue();
    assertThat(stored("up")).isEqualTo(Long.toString(Long.MAX_VALUE));
    assertThat(stored("down")).isEqualTo(Long.toString(Long.MIN_VALUE));
    assertThat(stored("other")).isEqualTo("7");
    assertThat(store.position(SLOT))
        .isEqualTo(new StoredPosition.At("log", 1, 0, new Mark("g", 3), false, Optional.empty()));
  }

  @Test
  void shouldKeepTheNewestWhenOneBatchFinishesMoreThanACommandTakes() throws Exception {
    // Given
    int all = 5_000;
    int kept = 10;
    ViewCache views = new ViewCache(all);
    Changes many = new Changes(views);
    for (int i = 0; i < all; i++) {
      Key view = Key.of(TenantId.DEFAULT, "x/" + i);
      Key facts = Key.of(TenantId.DEFAULT, "f/" + i);
      views.learn(view, new HashMap<>());
      many.add(
          new Mutation.PutView(view, Map.of("app", "a", "component", "c", "status", "RUNNING")));
      many.add(new Mutation.PutBytes(facts, ByteBuffer.wrap(new byte[] {'1'})));
      many.add(new Mutation.Append(facts, ByteBuffer.wrap(new byte[] {'2'})));
      for (String list : List.of("i", "i/c/a/c", "i/s/RUNNING")) {
        many.add(new Mutation.Index(Key.of(TenantId.DEFAULT, list), "" + i, i));
      }
      many.add(new Mutation.Finish(Key.ofPartition("finished"), "default/" + i, kept));
    }
    // When
    assertThat(apply(0, many, new Batch.Writer("one", false))).isTrue();
    assertThat(apply(1, new Changes(views), new Batch.Writer("one", true))).isTrue();
    // Then
    try (var connection = redis.client().connect()) {
      var sync = connection.sync();
      assertThat(sync.keys("default:*:x/*")).hasSize(kept);
      assertThat(sync.get(SLOT.name("g", Key.of(TenantId.DEFAULT, "f/4999")))).isEqualTo("12");
      assertThat(sync.keys("default:*:f/*")).hasSize(kept);
      for (String list : List.of("i", "i/c/a/c", "i/s/RUNNING")) {
        assertThat(sync.zrange(SLOT.name("g", Key.of(TenantId.DEFAULT, list)), 0, -1))
            .as(list)
            .hasSize(kept)
            .startsWith("4990");
      }
    }
  }
}
