package dev.nexus.projector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.projector.rebuild.Verification;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Track;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProjectorIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  private Running running;

  @BeforeEach
  void begin() {
    redis.clear();
    running = new Running(broker.clients(), redis.client(), 1_000);
  }

  @AfterEach
  void end() {
    running.close();
  }

  private void assertEqual(long records) {
    Verification verification = running.verify();
    assertThat(verification.differences()).isEmpty();
    assertThat(verification.records()).isEqualTo(records);
  }

  private StoredPosition position(int partition) {
    try (var store = new ProjectionStore(redis.client(), "test")) {
      return store.position(new Slot(broker.clients().name(Topic.EXECUTIONS), partition));
    }
  }

  private String generation(int partition) {
    return position(partition) instanceof StoredPosition.At(_, _, _, var mark, _, _)
        ? mark.generation()
        : "";
  }

  @Test
  void shouldStoreTheFoldOfTheLog() {
    // Given
    running.writeStories("before", 300);
    running.start("a");
    // When
    running.writeStories("after", 300);
    // Then
    assertEqual(600 * 7);
  }

  @Test
  void shouldCountEveryFactOnceWhenTwoProjectorsReadTheSamePartitions() {
    // Given
    running.writeStories("before", 500);
    // When
    running.start("a");
    running.start("b");
    for (int i = 0; i < 10; i++) {
      running.writeStories("round" + i, 50);
    }
    // Then
    assertEqual(1_000 * 7);
  }

  @Test
  void shouldCountEveryFactOnceWhenTheLogRepeatsIt() {
    // Given
    running.start("a");
    running.writeStories("same", 100);
    // When
    running.writeStories("same", 100);
    // Then
    assertEqual(200 * 7);
    try (var connection = redis.client().connect()) {
      var sync = connection.sync();
      long accepted =
          sync.keys("default:*:c/triage/classify").stream()
              .mapToLong(name -> Long.parseLong(sync.hget(name, "accepted")))
              .sum();
      assertThat(accepted).isEqualTo(100);
    }
  }

  private long end(int partition) {
    var facts = new TopicPartition(broker.clients().name(Topic.EXECUTIONS), partition);
    try (var consumer = broker.clients().assignedConsumer("projector-it")) {
      return consumer.endOffsets(List.of(facts)).getOrDefault(facts, -1L);
    }
  }

  @ParameterizedTest
  @CsvSource({"layout, 99", "form, 2"})
  void shouldStandByWhereANewerVersionKeepsAPartition(String field, String newer) {
    // Given what a newer version has folded of a partition
    running.writeStories("before", 100);
    var first = running.start("a");
    assertEqual(700);
    first.close();
    try (var connection = redis.client().connect()) {
      var sync = connection.sync();
      var slot = new Slot(broker.clients().name(Topic.EXECUTIONS), 1);
      String position = slot.positionName(Track.LIVE);
      String known = sync.hget(position, field);
      sync.hset(position, Map.of(field, newer, "last", "in words of its own"));
      Map<String, String> before = sync.hgetall(position);

      // When
      running.writeStories("after", 100);
      running.start("b");

      // Then it folds the others, and leaves that one alone
      Eventually.holds(
          () -> {
            for (int partition : List.of(0, 2, 3)) {
              assertThat(position(partition))
                  .isInstanceOfSatisfying(
                      StoredPosition.At.class,
                      at -> assertThat(at.mark().next()).isEqualTo(end(partition)));
            }
          });
      assertThat(sync.hgetall(position)).isEqualTo(before);

      // When the newer version has given it up
      sync.hset(position, field, known);
      sync.hdel(position, "last");

      // Then
      assertEqual(1_400);
    }
  }

  @Test
  void shouldTakeOverWhenAnotherProjectorEnds() throws Exception {
    // Given
    var first = running.start("a");
    running.start("b");
    running.writeStories("one", 100);
    assertEqual(700);
    // When
    first.close();
    running.writeStories("two", 100);
    // Then
    assertEqual(1_400);
  }

  @Test
  void shouldBuildEverythingAgainWhenRedisIsWiped() {
    // Given
    running.start("a");
    running.writeStories("one", 200);
    assertEqual(1_400);
    // When
    redis.clear();
    // Then
    assertEqual(1_400);
    running.writeStories("two", 50);
    assertEqual(1_750);
  }

  @Test
  void shouldBuildAgainWhenRedisIsWipedUnderLoad() {
    // Given
    running.start("a");
    for (int i = 0; i < 5; i++) {
      running.writeStories("round" + i, 100);
      // When
      redis.clear();
    }
    // Then
    assertEqual(3_500);
  }

  @Test
  void shouldBuildAgainWhenThePositionIsBeyondTheLogsEnd() throws Exception {
    // Given
    running.writeStories("one", 100);
    running.start("a").close();
    String before = generation(0);
    try (var connection = redis.client().connect()) {
      String name = "_:{" + broker.clients().name(Topic.EXECUTIONS) + "/0}:position";
      connection.sync().hset(name, "next", "1000000");
    }
    // When
    running.start("b");
    // Then
    assertEqual(700);
    assertThat(generation(0)).isGreaterThan(before);
  }

  @Test
  void shouldBuildAgainWhenItWasFoldedFromAnotherLog() throws Exception {
    // Given
    running.writeStories("one", 100);
    running.start("a").close();
    String name = "_:{" + broker.clients().name(Topic.EXECUTIONS) + "/1}:position";
    try (var connection = redis.client().connect()) {
      connection.sync().hset(name, Map.of("log", "another cluster/another topic"));
    }
    String before = generation(1);
    // When
    running.start("b");
    // Then
    assertEqual(700);
    assertThat(generation(1)).isGreaterThan(before);
    // And what the older generation left is swept
    try (var connection = redis.client().connect()) {
      Eventually.holds(() -> assertThat(connection.sync().keys("*/1}:" + before + ":*")).isEmpty());
    }
  }

  @Test
  void shouldBuildAgainWhenABatchWasLeftHalfWritten() throws Exception {
    // Given
    running.writeStories("one", 100);
    running.start("a").close();
    try (var connection = redis.client().connect()) {
      String topic = broker.clients().name(Topic.EXECUTIONS);
      connection.sync().hset("_:{" + topic + "/2}:position", "open", "17");
    }
    // When
    running.start("b");
    // Then
    assertEqual(700);
  }

  @Test
  void shouldGoOnWhenRedisForgetsItsScripts() {
    // Given
    running.start("a");
    running.writeStories("one", 100);
    assertEqual(700);
    // When
    try (var connection = redis.client().connect()) {
      connection.sync().scriptFlush();
    }
    running.writeStories("two", 100);
    // Then
    assertEqual(1_400);
  }

  @Test
  void shouldKeepTheNewestFinishedExecutionsOnly() throws Exception {
    // Given
    running.close();
    running = new Running(broker.clients(), redis.client(), 20);
    running.start("a");
    // When
    running.writeStories("one", 400);
    // Then
    assertEqual(2_800);
    try (var connection = redis.client().connect()) {
      assertThat(connection.sync().keys("default:*:x/*")).hasSize(80);
      assertThat(connection.sync().keys("default:*:f/*")).hasSize(80);
    }
  }

  @Test
  void shouldBeginAnExecutionAnewThatComesAgainAfterItWasEvicted() {
    // Given
    running.close();
    running = new Running(broker.clients(), redis.client(), 20);
    running.start("a");
    running.writeStories("one", 150);
    // When
    running.writeStories("one", 150);
    running.writeStories("two", 30);
    // Then
    assertEqual(330 * 7);
  }

  @Test
  void shouldPutAnUnreadableRecordAsideAndGoOn() {
    // Given
    running.start("a");
    String topic = broker.clients().name(Topic.EXECUTIONS);
    // When
    running
        .producer()
        .send(new ProducerRecord<>(topic, 0, "default/x", new byte[] {1, 2, 3}))
        .join();
    running.writeStories("one", 50);
    // Then
    assertEqual(351);
    assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1)).isNotEmpty();
  }
}
