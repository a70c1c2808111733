package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.topology.Router;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Track;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisCopy;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is around the platform breaks under load: the broker, Redis, the model. After each fault
/// nothing is lost, nothing is applied twice, and the projections are the fold of the log; how long
/// recovery took is printed and kept.
class FaultsIT {
  @RegisterExtension static final FaultRig rig = FaultRig.together();

  /// Topics that several write to, or whose records several may read: what stands there twice, or
  /// in another order, has been written twice, or was overtaken.
  private static final List<Topic> REPEATED =
      List.of(
          Topic.INGRESS,
          Topic.EVENTS,
          Topic.REQUESTS,
          Topic.OUTCOMES,
          Topic.TASKS_CODE,
          Topic.TASKS_MODEL,
          Topic.TASK_CONTROL,
          Topic.REPLIES);

  private static final String LIST = "/v1/executions?limit=1";

  @Test
  void shouldLoseNothingWhenTheBrokerIsKilledAndStartedAgain() throws Exception {
    try (LiveStream stream = LiveStream.of(rig);
        StreamWatcher watcher = StreamWatcher.of(rig);
        AuditedCalls audited = new AuditedCalls()) {
      rig.through(
          "broker killed",
          () -> {
            rig.publish();
            audited.callOn(rig.writes(), rig.key());
            audited.awaitIssued();
            rig.broker().kill();
            watcher.leave();
            rig.pause(Duration.ZERO, Duration.ofSeconds(2));
            HttpResponse<String> refused = rig.call("echo");
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.body()).contains("log-unavailable");
            rig.broker().restart();
            audited.rest();
          });
      audited.callOn(rig.writes(), rig.key());
      audited.awaitIssued();
      audited.finish();
      audited.assertAudited(rig.clients(), true);
      watcher.assertHeardAllOnce(rig.clients());
      stream.awaitEnd(answered(rig.callPatiently("echo")).execution());
      watcher.assertHeardAllOnce(rig.clients());
    }
  }

  @Test
  void shouldGoOnAcceptingWhileRedisIsOutOfMemory() throws Exception {
    rig.through(
        "Redis out of memory",
        () -> {
          onRedis(redis -> redis.configSet("maxmemory", "1"));
          String token = answered(rig.callPatiently("echo")).token();
          assertThat(rig.get(LIST).statusCode()).isEqualTo(200);
          HttpResponse<String> behind = rig.get(LIST + "&after=" + token);
          assertThat(behind.statusCode()).as(behind.body()).isEqualTo(504);
          assertThat(behind.body()).contains("not-visible-yet", "lag");
          onRedis(redis -> redis.configSet("maxmemory", "0"));
        });
  }

  @Test
  void shouldGoOnWhileRedisIsSlow() throws Exception {
    rig.through(
        "Redis slow (200 ms an answer)",
        () -> {
          rig.redisRoad().delay(Duration.ofMillis(200));
          String token = answered(rig.callPatiently("echo")).token();
          rig.awaitGet(LIST + "&after=" + token, r -> r.statusCode() == 200);
          rig.pause(Duration.ofMillis(500), Duration.ofMillis(1_500));
          rig.redisRoad().pass();
        });
  }

  @Test
  void shouldSayThatRedisIsSilentAndGoOnAccepting() throws Exception {
    try (LiveStream stream = LiveStream.of(rig)) {
      rig.through(
          "Redis silent",
          () -> {
            rig.redisRoad().silence();
            HttpResponse<String> refused = rig.get(LIST);
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.body()).contains("projections-unavailable");
            stream.awaitEnd(answered(rig.callPatiently("echo")).execution());
            rig.redisRoad().pass();
          });
    }
  }

  @Test
  void shouldFoldTheLogAnewWhenRedisIsWiped() throws Exception {
    try (KnownReads reads = new KnownReads(rig)) {
      rig.through(
          "Redis wiped",
          () -> {
            reads.begin();
            onRedis(RedisCommands::flushall);
          });
    }
  }

  @Test
  void shouldFoldTheLogAnewWhenRedisIsKilled() throws Exception {
    try (KnownReads reads = new KnownReads(rig)) {
      rig.through(
          "Redis killed",
          () -> {
            reads.begin();
            ProcessHandle process = ProcessHandle.of(rig.redis().pid()).orElseThrow();
            process.destroyForcibly();
            process.onExit().join();
          });
    }
  }

  /// As an operator restarts it: what it held is there again, and nothing is folded anew.
  @Test
  void shouldGoOnWithWhatRedisHeldWhenItIsRestarted() throws Exception {
    try (KnownReads reads = new KnownReads(rig)) {
      rig.through(
          "Redis restarted",
          () -> {
            reads.begin();
            List<String> before = generations();
            rig.restartRedis();
            assertThat(generations()).isEqualTo(before).doesNotContain("none");
          });
    }
  }

  /// What each partition of facts is read from; another one after each begin.
  private static List<String> generations() {
    String topic = rig.clients().name(Topic.EXECUTIONS);
    try (RedisClient client = RedisClient.create(rig.redis().url());
        var store = new ProjectionStore(client, "rig")) {
      return IntStream.range(0, FaultRig.SPREAD.executionPartitions())
          .mapToObj(partition -> store.position(new Slot(topic, partition), Track.LIVE))
          .map(
              position ->
                  position instanceof StoredPosition.At at ? at.mark().generation() : "none")
          .toList();
    }
  }

  @Test
  void shouldGoOnFromAStaleCopyOfRedis() throws Exception {
    try (RedisClient client = RedisClient.create(rig.redis().url())) {
      rig.through(
          "Redis replaced by a stale copy",
          () -> {
            RedisCopy copy =
                Eventually.value(
                    () -> RedisCopy.of(client),
                    c -> c.size() > 40,
                    "names of what was done so far");
            rig.awaitMoreAnswers();
            copy.restore(client);
          });
    }
  }

  @Test
  void shouldAskAModelAgainThatHung() throws Exception {
    rig.through(
        "model hangs",
        () -> {
          try (NewFacts facts = new NewFacts(rig.clients())) {
            rig.modelRoad().silence();
            Eventually.holds(
                FaultRig.RECOVERED_WITHIN,
                () -> assertThat(facts.triedAgainAfterTimeout()).isNotEmpty());
          }
          rig.pause(Duration.ZERO, Duration.ofSeconds(2));
          answered(rig.callPatiently("echo"));
          rig.modelRoad().pass();
        });
  }

  @Test
  void shouldApplyRepeatedAndReorderedRecordsOnce() throws Exception {
    rig.through(
        "records repeated, in another order",
        () -> {
          cancelWhatRuns();
          try (Repetition repetition = new Repetition(rig.clients(), rig.random())) {
            for (Topic topic : REPEATED) {
              repetition.of(topic);
            }
          }
        });
  }

  /// So that there is a cancellation to repeat. Between two attempts there is no work to cancel.
  private static void cancelWhatRuns() {
    var reader = new TopicReader(rig.clients());
    Eventually.holds(
        FaultRig.RECOVERED_WITHIN,
        () -> {
          rig.alsoAccepted(Set.of(cancelledWhileItRuns()));
          assertThat(reader.records(Topic.TASK_CONTROL)).isNotEmpty();
        });
  }

  /// Its work is asked for and cannot end before, as the model says nothing meanwhile.
  private static String cancelledWhileItRuns() throws Exception {
    rig.modelRoad().silence();
    HttpResponse<String> accepted = rig.call("ask", "0s");
    assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
    String execution = CanonicalJson.read(accepted.body()).path("executionId").asText();
    HttpResponse<String> cancelled = rig.post("/v1/executions/" + execution + "/cancel", "{}");
    assertThat(cancelled.statusCode()).as(cancelled.body()).isIn(200, 202);
    rig.awaitGet("/v1/executions/" + execution, shown -> shown.body().contains("CANCELLED"));
    rig.modelRoad().pass();
    return execution;
  }

  /// A retry that was put off while the clock was ahead waits until it is there again. What has its
  /// `timeout` inside the step ends with it, long before that time has passed.
  @Test
  void shouldKeepTimeThroughStepsOfTheClock() throws Exception {
    PutOffCall putOff = new PutOffCall(rig);
    rig.through(
        "clock set forward, back and right",
        () -> {
          Duration step = FaultRig.LEASE.multipliedBy(rig.random().nextInt(5, 7));
          assertThat(step).isGreaterThan(PutOffCall.TIMEOUT);
          Duration ahead = Duration.ZERO;
          Duration took = PutOffCall.TIMEOUT;
          // Where the machine stood still meanwhile, its end proves nothing: once more.
          for (int i = 0; i < 3 && took.compareTo(PutOffCall.TIMEOUT) >= 0; i++) {
            long begun = System.nanoTime();
            rig.alsoAccepted(Set.of(putOff.begin()));
            rig.clock().step(step);
            ahead = ahead.plus(step);
            putOff.awaitTimedOut();
            took = Duration.ofNanos(System.nanoTime() - begun);
          }
          assertThat(took).isLessThan(PutOffCall.TIMEOUT);
          rig.pause(Duration.ofMillis(200), Duration.ofSeconds(2));
          rig.clock().step(ahead.plus(step).negated());
          rig.pause(Duration.ofMillis(200), Duration.ofSeconds(2));
          rig.clock().step(step);
        });
  }

  /// Which of its events comes first, and when, is the log's to say, not their producer's.
  @Test
  void shouldDoOnceWhatProducersWithOddClocksSend() throws Exception {
    OddTimes times = new OddTimes(rig);
    Set<String> executions = new HashSet<>();
    rig.through(
        "producers with odd clocks",
        () -> {
          executions.addAll(times.send(60));
          rig.alsoAccepted(executions);
        });
    var facts = EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
    assertThat(new TopicReader(rig.clients()).read(Topic.EXECUTIONS, facts))
        .filteredOn(fact -> fact.envelope().appId().equals(OddTimes.APP_ID))
        .filteredOn(fact -> fact.envelope().sequence() == 1)
        .extracting(fact -> fact.envelope().executionId())
        .containsExactlyInAnyOrderElementsOf(executions);
  }

  /// The other instance decides for half of the executions and does part of their tasks. It stands
  /// still until another one has written facts of its part and done what it held, so for longer
  /// than its leases and its memberships last; what it says of that when it goes on is too late.
  @Test
  void shouldTakeOverFromAnInstanceThatIsPausedAndFromOneThatIsKilled() throws Exception {
    try (var second = new SecondInstance()) {
      rig.through(
          "instance paused past its leases",
          second::run,
          () -> {
            Set<Integer> owned = awaitOwned(rig.secondRouter());
            try (HeldWork held = new HeldWork(rig)) {
              held.begin();
              second.signal("STOP");
              rig.modelRoad().pass();
              awaitOthers(rig.secondRouter(), owned);
              held.awaitDoneAgain();
              rig.pause(Duration.ZERO, Duration.ofMillis(1_500));
              second.signal("CONT");
              held.assertLateOutcomesCountForNothing();
            }
          });
      rig.through("instance killed", second::run, second::kill);
    }
  }

  /// The partitions that a router decides for, as soon as it has some.
  private static Set<Integer> awaitOwned(String router) {
    try (Admin admin = rig.clients().admin()) {
      return Eventually.value(
          FaultRig.RECOVERED_WITHIN,
          () -> owners(admin).getOrDefault(router, Set.of()),
          owned -> !owned.isEmpty(),
          router + " owns partitions");
    }
  }

  /// Waits until others own what a router has owned, and have written a fact of it since.
  private static void awaitOthers(String router, Set<Integer> owned) {
    try (Admin admin = rig.clients().admin()) {
      Eventually.holds(
          FaultRig.RECOVERED_WITHIN,
          () -> {
            Map<String, Set<Integer>> owners = owners(admin);
            assertThat(owners).doesNotContainKey(router);
            assertThat(owners.values().stream().flatMap(Set::stream)).containsAll(owned);
          });
    }
    try (NewFacts facts = new NewFacts(rig.clients())) {
      Eventually.value(
          FaultRig.RECOVERED_WITHIN,
          facts::partitions,
          written -> !Collections.disjoint(written, owned),
          "a fact of one of the partitions " + owned);
    }
  }

  /// The members, or an assertion that does not hold yet while the brokers cannot tell.
  private static Collection<MemberDescription> members(KafkaFuture<ConsumerGroupDescription> group)
      throws InterruptedException {
    try {
      return group.get().members();
    } catch (ExecutionException e) {
      throw new AssertionError("the brokers do not say who is in the group of routers", e);
    }
  }

  /// Partitions of requests by the name of the router that owns them.
  private static Map<String, Set<Integer>> owners(Admin admin) throws Exception {
    String group = rig.clients().group(Router.GROUP);
    String requests = rig.clients().name(Topic.REQUESTS);
    Map<String, Set<Integer>> owners = new HashMap<>();
    var described = admin.describeConsumerGroups(List.of(group)).describedGroups().get(group);
    for (MemberDescription member : members(described)) {
      for (TopicPartition partition : member.assignment().topicPartitions()) {
        if (partition.topic().equals(requests)) {
          owners
              .computeIfAbsent(member.groupInstanceId().orElse(""), _ -> new HashSet<>())
              .add(partition.partition());
        }
      }
    }
    return owners;
  }

  /// Another instance of the platform, which is started again where it was killed.
  private static final class SecondInstance implements AutoCloseable {
    private Optional<ChildPlatform> running = Optional.empty();

    void run() throws Exception {
      if (running.isEmpty()) {
        running = Optional.of(rig.secondPlatform());
      }
    }

    void signal(String name) throws Exception {
      String pid = Long.toString(running.orElseThrow().run().pid());
      assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor()).isZero();
    }

    void kill() throws InterruptedException {
      running.orElseThrow().kill();
      running = Optional.empty();
    }

    @Override
    public void close() throws InterruptedException {
      if (running.isPresent()) {
        running.get().close();
      }
    }
  }

  private static void onRedis(Consumer<RedisCommands<String, String>> action) {
    try (RedisClient client = RedisClient.create(rig.redis().url());
        var connection = client.connect()) {
      action.accept(connection.sync());
    }
  }

  private record Answer(String execution, String token) {}

  private static Answer answered(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    var body = CanonicalJson.read(response.body());
    return new Answer(body.path("executionId").asText(), body.path("token").asText());
  }
}
