package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.projector.Projections;
import dev.nexus.projector.Running;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Track;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisCopy;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What a verification finds, and that it finds nothing where nothing is wrong, whoever writes.
class VerifyIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /// For what an older generation left to be swept, where that happens.
  private static final Duration SWEPT_WITHIN = Duration.ofMinutes(2);

  private static final Duration LIVE_EVERY = Duration.ofMillis(80);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();
  @TempDir private Path directory;

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

  /// Holds almost nothing in memory, so that every test spills.
  private Verifier verifier() {
    return verifier(SWEPT_WITHIN);
  }

  private Verifier verifier(Duration sweptWithin) {
    var folds = Projections.all(Settings.of(Map.of()).with(Setting.PROJECTED_EXECUTIONS, "1000"));
    return new Verifier(
        broker.clients(),
        redis.client(),
        folds,
        running.snapshots(),
        directory,
        50_000,
        sweptWithin);
  }

  private Verification verify() {
    return verifier().verify(Set.of(), PATIENCE, Verifier.Watcher.NOBODY).orElseThrow();
  }

  private String name(String tenant, Slot slot, String rest) {
    try (var store = new ProjectionStore(redis.client(), "test")) {
      return store.position(slot) instanceof StoredPosition.At at
          ? tenant + ":{" + slot + "}:" + at.mark().generation() + ":" + rest
          : "";
    }
  }

  private Slot slot() {
    return new Slot(broker.clients().name(Topic.EXECUTIONS), 1);
  }

  /// Puts the fields of a view into another order.
  private static void reverse(RedisCommands<String, String> sync, String place) {
    List<String> fields = List.of(sync.get(place).substring(1).split("\n", -1));
    sync.set(place, "\n" + String.join("\n", fields.reversed()));
  }

  @Test
  void shouldNameEveryPlaceThatDiffers() {
    // Given
    running.start("a");
    running.writeStories("one", 200);
    assertThat(verify().equal()).isTrue();
    Map<String, String> expected = new TreeMap<>();
    try (var connection = redis.client().connect()) {
      RedisCommands<String, String> sync = connection.sync();
      String all = name("default", slot(), "i");
      List<String> ids = sync.zrange(all, 0, 5);
      String counters = name("default", slot(), "c/triage/classify");
      String tag = "{" + slot() + "}";
      // When
      sync.append(name("default", slot(), "x/" + ids.get(0)), "\nstatus FAILED");
      expected.put(name("default", slot(), "x/" + ids.get(0)), "FAILED");
      String twice = name("default", slot(), "x/" + ids.get(4));
      sync.append(twice, sync.get(twice));
      expected.put(twice, "fields that are there twice");
      reverse(sync, name("default", slot(), "x/" + ids.get(5)));
      sync.del(name("default", slot(), "f/" + ids.get(1)));
      expected.put(name("default", slot(), "f/" + ids.get(1)), "nothing");
      sync.zadd(all, 1, "nobody");
      expected.put(all + " nobody", "'1'");
      sync.zincrby(all, 1, ids.get(2));
      expected.put(all + " " + ids.get(2), "'");
      sync.zrem(all, ids.get(3));
      expected.put(all + " " + ids.get(3), "nothing");
      sync.zadd(all, 7, "another");
      expected.put(all + " another", "'7'");
      sync.hincrby(counters, "accepted", 1);
      expected.put(counters + " accepted", "'");
      String finished = name("_", slot(), "finished");
      sync.lset(finished, 3, "default/other");
      expected.put(finished + " element 3", "default/other");
      sync.set(name("default", slot(), "junk"), "it");
      expected.put(name("default", slot(), "junk"), "2 bytes it");
      sync.del(name("default", slot(), "components"));
      sync.set(name("default", slot(), "components"), "a string");
      expected.put(name("default", slot(), "components"), "8 bytes a string");
      sync.set("default:" + tag + ":00000000001:x/old", "old");
      expected.put("default:" + tag + ":00000000001:x/old", "which nobody reads");
      sync.set("default:" + tag + ":", "odd");
      expected.put("default:" + tag + ":", "none of ours");
    }
    // which nobody sweeps
    Verification found =
        verifier(Duration.ofMillis(600))
            .verify(Set.of(), PATIENCE, Verifier.Watcher.NOBODY)
            .orElseThrow();
    // Then
    Map<String, String> places = new TreeMap<>();
    found.differences().forEach(one -> places.put(one.place(), one.found()));
    expected.forEach(
        (place, text) ->
            assertThat(places)
                .hasEntrySatisfying(place, value -> assertThat(value).contains(text)));
    String all = name("default", slot(), "i");
    assertThat(places).containsKey(all).hasSize(expected.size() + 1);
  }

  @Test
  @Timeout(240)
  void shouldFindNothingWhileTwoProjectorsWrite() {
    // Given
    running.start("a");
    running.start("b");
    running.writeStories("before", 300);
    assertThat(verify().equal()).isTrue();
    AtomicBoolean going = new AtomicBoolean(true);
    var writing =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; going.get(); i++) {
                running.writeStories("live" + i, 20);
                LockSupport.parkNanos(LIVE_EVERY.toNanos());
              }
            });
    // When
    try {
      for (int i = 0; i < 3; i++) {
        Verification found =
            verifier().verify(Set.of(), Duration.ZERO, Verifier.Watcher.NOBODY).orElseThrow();
        // Then
        assertThat(found.differences()).isEmpty();
        assertThat(found.notCompared()).isEmpty();
        assertThat(found.records()).isGreaterThan(2_000);
      }
    } finally {
      going.set(false);
      writing.join();
    }
    assertThat(verify().equal()).isTrue();
  }

  @Test
  void shouldSayWhichPartitionOfWhichProjectionItIsAt() throws Exception {
    // Given
    running.start("a");
    running.writeStories("one", 50);

    // When
    var caller = new VerificationListener();
    new VerificationPublisher(verifier(), Set.of("executions"), "here").subscribe(caller);

    // Then
    assertThat(caller.last().getName()).isEqualTo("done");
    JsonNode first = caller.progress().getFirst();
    assertThat(first.path("projection").asText()).isEqualTo("executions");
    assertThat(first.path("number").asInt()).isOne();
    assertThat(first.path("partitions").asInt())
        .isEqualTo(BrokerExtension.SPREAD.executionPartitions());
  }

  @Test
  void shouldEndWhenNobodyWantsToKnow() {
    // Given
    running.start("a");
    running.writeStories("one", 50);
    var gone =
        new Verifier.Watcher() {
          @Override
          public boolean wanted() {
            return false;
          }
        };
    // When
    Verifier verifier = verifier();
    // Then
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> verifier.verify(Set.of(), PATIENCE, gone))
        .isInstanceOf(Verifier.UnwantedException.class);
    assertThat(verifier.verify(Set.of("executions"), PATIENCE, Verifier.Watcher.NOBODY))
        .hasValueSatisfying(found -> assertThat(found.equal()).isTrue());
  }

  @Test
  void shouldCompareAfterAStaleCopyOfRedisCameBack() {
    // Given
    running.start("a");
    running.writeStories("one", 150);
    assertThat(verify().equal()).isTrue();
    RedisCopy copy = RedisCopy.of(redis.client());
    running.writeStories("two", 150);
    assertThat(verify().equal()).isTrue();
    // When
    copy.restore(redis.client());
    // Then
    Verification found = verify();
    assertThat(found.differences()).isEmpty();
    assertThat(found.records()).isEqualTo(300 * 7);
    running.writeStories("three", 50);
    assertThat(verify().equal()).isTrue();
  }

  @Test
  void shouldCompareAfterRedisEndedAndCameBackEmpty() {
    // Given
    running.start("a");
    running.writeStories("one", 150);
    assertThat(verify().equal()).isTrue();
    // When
    try (var connection = redis.client().connect()) {
      connection.sync().shutdown(false);
    }
    running.writeStories("two", 50);
    Eventually.value(PATIENCE, VerifyIT::answers, yes -> yes, "Redis");
    // Then
    Verification found = verify();
    assertThat(found.differences()).isEmpty();
    assertThat(found.records()).isEqualTo(200 * 7);
  }

  @Test
  void shouldNotCallEqualWhatItDidNotCompare() {
    // Given a log that nobody has folded
    running.writeStories("one", 50);

    // When
    Verification nothing = verifyNow();

    // Then
    assertThat(nothing.outcome()).isEqualTo(Verification.Outcome.NOTHING_COMPARED);
    assertThat(nothing.equal()).isFalse();
    assertThat(nothing.partitions()).isZero();
    assertThat(nothing.notCompared())
        .hasSize(4)
        .allSatisfy(reason -> assertThat(reason).contains("no projector has begun it"));

    // When one partition is gone and nobody puts it back
    var reader = running.start("a");
    assertThat(verify().equal()).isTrue();
    reader.close();
    try (var connection = redis.client().connect()) {
      connection.sync().del(slot().positionName(Track.LIVE));
    }
    Verification rest = verifyNow();

    // Then
    assertThat(rest.outcome()).isEqualTo(Verification.Outcome.NOT_WHOLE);
    assertThat(rest.equal()).isFalse();
    assertThat(rest.differences()).isEmpty();
    assertThat(rest.partitions()).isEqualTo(3);
    assertThat(rest.notCompared()).hasSize(1).first().asString().startsWith(slot() + ": ");
  }

  private Verification verifyNow() {
    return verifier()
        .verify(Set.of("executions"), Duration.ZERO, Verifier.Watcher.NOBODY)
        .orElseThrow();
  }

  @Test
  void shouldNameARedisThatDoesNotAnswer() throws Exception {
    // Given one that takes connections and says nothing, as if it were stopped
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + silent.getLocalPort();
      RedisURI uri = RedisURI.create("redis://:secret@" + address);
      uri.setTimeout(Duration.ofMillis(300));
      try (RedisClient client = RedisClient.create(uri)) {
        var verifier =
            new Verifier(
                broker.clients(),
                client,
                Projections.all(Settings.of(Map.of())),
                running.snapshots(),
                directory);

        // When
        var caller = new VerificationListener();
        new VerificationPublisher(verifier, Set.of("executions"), address).subscribe(caller);
        JsonNode said = CanonicalJson.read(caller.last().getData());

        // Then
        assertThat(caller.last().getName()).isEqualTo("done");
        assertThat(said.path("outcome").asText()).isEqualTo("nothing compared");
        assertThat(said.at("/notCompared/0").asText())
            .startsWith("Redis at " + address + " does not answer: ")
            .doesNotContain("secret");
      }
    }
  }

  @Test
  @Timeout(240)
  void shouldKeepWhatItFoundWhenRedisGoesAway(@TempDir Path ofRedis) {
    // Given a difference in each partition
    EmbeddedRedis own = EmbeddedRedis.start(ofRedis);
    RedisURI uri = RedisURI.create(own.url());
    uri.setTimeout(Duration.ofSeconds(10));
    try (own;
        RedisClient client = RedisClient.create(uri)) {
      try (Running writer = new Running(broker.clients(), client, 1_000)) {
        writer.start("a");
        writer.writeStories("one", 100);
        Verification whole = writer.verify();
        assertThat(whole.equal()).as(whole.toString()).isTrue();
      }
      spoilEachPartition(client, slot().topic());

      // When it goes away while the second is folded
      Verification found =
          new Verifier(
                  broker.clients(),
                  client,
                  Projections.all(Settings.of(Map.of())),
                  running.snapshots(),
                  directory)
              .verify(Set.of("executions"), Duration.ZERO, endingWithTheSecond(own::close))
              .orElseThrow();

      // Then
      assertThat(found.outcome()).isEqualTo(Verification.Outcome.DIFFERENT);
      assertThat(found.partitions()).isEqualTo(1);
      assertThat(found.different()).isEqualTo(1);
      assertThat(found.differences()).hasSize(1).first().asString().contains("junk");
      assertThat(found.notCompared()).hasSize(3);
      assertThat(found.notCompared().getFirst()).endsWith(": it is gone");
      assertThat(found.notCompared())
          .allSatisfy(reason -> assertThat(reason).startsWith(slot().topic() + "/"));
    }
  }

  @Test
  @Timeout(240)
  void shouldKeepWhatItFoundWhenTheBrokersGoAway(@TempDir Path ofBroker) {
    // Given a difference in each partition
    EmbeddedBroker own = EmbeddedBroker.start(ofBroker.resolve("kafka"), 0);
    try (own) {
      var clients =
          new KafkaClients(
              Map.of(
                  "bootstrap.servers", own.bootstrapServers(),
                  "request.timeout.ms", "3000",
                  "default.api.timeout.ms", "3000"),
              "");
      var patient = new KafkaClients(Map.of("bootstrap.servers", own.bootstrapServers()), "");
      new TopicTable(patient, BrokerExtension.SPREAD, false).create();
      String topic = clients.name(Topic.EXECUTIONS);
      try (Running writer = new Running(patient, redis.client(), 1_000)) {
        writer.start("a");
        writer.writeStories("one", 100);
        Verification whole = writer.verify();
        assertThat(whole.equal()).as(whole.toString()).isTrue();
      }
      spoilEachPartition(redis.client(), topic);

      // When they go away while the second is folded, which may be read by then
      Verification found =
          new Verifier(
                  clients,
                  redis.client(),
                  Projections.all(Settings.of(Map.of())),
                  running.snapshots(),
                  directory)
              .verify(Set.of("executions"), Duration.ZERO, endingWithTheSecond(own::close))
              .orElseThrow();

      // Then
      assertThat(found.outcome()).isEqualTo(Verification.Outcome.DIFFERENT);
      assertThat(found.partitions()).isBetween(1, 2);
      assertThat(found.differences())
          .hasSize(found.partitions())
          .allSatisfy(one -> assertThat(one.place()).contains("junk"));
      assertThat(found.notCompared()).hasSize(4 - found.partitions());
      assertThat(found.notCompared().getFirst()).endsWith(": it is gone");
      assertThat(found.notCompared().getLast())
          .isEqualTo(topic + "/3: the brokers had not answered before");
    }
  }

  /// Writes what no fold gives.
  private static void spoilEachPartition(RedisClient client, String topic) {
    try (var connection = client.connect();
        var store = new ProjectionStore(client, "test")) {
      for (int number = 0; number < 4; number++) {
        Slot slot = new Slot(topic, number);
        var at = (StoredPosition.At) store.position(slot);
        String name = "default:{" + slot + "}:" + at.mark().generation() + ":junk";
        connection.sync().set(name, "it");
      }
    }
  }

  /// Has something end when the second partition is folded.
  private static Verifier.Watcher endingWithTheSecond(Runnable end) {
    Set<Slot> begun = new HashSet<>();
    return new Verifier.Watcher() {
      @Override
      public void folded(Slot slot, long records, long of) {
        if (begun.add(slot) && begun.size() == 2) {
          end.run();
        }
      }

      @Override
      public String silence(RedisException e) {
        return "it is gone";
      }

      @Override
      public String silence(KafkaException e) {
        return "it is gone";
      }
    };
  }

  private static boolean answers() {
    try (var connection = redis.client().connect()) {
      return connection.sync().ping().equals("PONG");
    } catch (RedisException e) {
      return false;
    }
  }
}
