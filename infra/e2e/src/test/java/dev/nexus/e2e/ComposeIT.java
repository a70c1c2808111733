package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import dev.nexus.testkit.NeedsTool;
import dev.nexus.testkit.Scale;
import dev.nexus.testkit.Seeds;
import dev.nexus.testkit.TopicCursor;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a team starts with Docker Compose, with images of this tree, is closed to strangers
/// (`ComposeCheck`). Two routers and two executors share the work that comes in by the one address,
/// and what was accepted ends once, whichever container is killed, replaced or away.
@Tag("containers")
@NeedsTool({"docker", "docker-compose", "mmdebstrap"})
class ComposeIT {
  private static final int CALLERS = Scale.of(2);
  private static final int ANSWERS = Scale.of(40);

  private static FaultReport report;

  /// Happens amid the load.
  private interface Fault {
    void happen(ComposedPlatform platform, Callers callers) throws Exception;
  }

  @BeforeAll
  static void begin() throws Exception {
    Instant from = Instant.now();
    ComposedPlatform.buildImages();
    System.out.println("ComposeIT: images are there after " + since(from));
    report = new FaultReport("ComposeIT");
  }

  @ParameterizedTest
  @MethodSource("dev.nexus.testkit.Seeds#ofRun")
  void shouldLoseNothingThroughAKillAndARollingRestart(long seed) throws Exception {
    Random random = new Random(seed);
    through(
        1,
        seed,
        (platform, callers) -> {
          killARouterAndAnExecutor(platform, callers, random, seed);
          replaceEveryService(platform, callers, seed);
        });
  }

  @ParameterizedTest
  @MethodSource("dev.nexus.testkit.Seeds#ofRun")
  @EnabledIfSystemProperty(named = "nexus.soak", matches = "true")
  void shouldLoseNothingWhileABrokerIsAwayAndEveryServiceIsReplaced(long seed) throws Exception {
    String broker = "kafka-" + new Random(seed).nextInt(1, 4);
    through(
        3,
        seed,
        (platform, callers) -> {
          goOnWithout(broker, platform, callers, seed);
          replaceEveryService(platform, callers, seed);
        });
  }

  /// Starts a platform, looks at it, puts it under load, and looks at everything after the fault.
  private static void through(int brokers, long seed, Fault fault) throws Exception {
    Seeds.print("ComposeIT", seed);
    try (var platform = new ComposedPlatform(brokers);
        var deliveries = new Deliveries(seed, platform.as("integration").kafkaProperties());
        var callers = new Callers(CALLERS, "compose-", List.of("echo"), deliveries)) {
      Instant from = Instant.now();
      platform.up();
      String up = since(from);
      var check = new ComposeCheck(platform);
      check.assertPageLeadsToAnAnswer();
      platform.provideSecrets();
      KafkaClients clients = new KafkaClients(platform.settings());
      Eventually.value(() -> partitionsOfRouters(clients), both -> both.size() == 2, "two routers");
      check.assertContainersAreClosedAndServicesUseTheirCaches();
      check.assertNothingHasToBeMended();
      check.assertOthersAreRefused();
      Instant called = Instant.now();
      callers.callOn(platform.addresses(), platform.key(), true);
      awaitMore(callers, 1);
      System.out.println("ComposeIT: healthy after " + up + ", first answer in " + since(called));

      awaitMore(callers, ANSWERS);
      awaitAllTakePart(clients);
      System.out.println("ComposeIT: resident, MiB: " + platform.residentMb());
      fault.happen(platform, callers);
      callers.finish();

      assertThat(callers.unexpected()).isEmpty();
      assertThat(callers.answered()).hasSize(callers.begun());
      try (LogCheck log = new LogCheck(platform)) {
        log.corrected(callers.corrected()).assertNothingLostOrTwice(callers.answered());
        System.out.println("ComposeIT: executions " + log.facts().byApplication());
      }
      assertThat(platform.down()).as("what Compose left").isEmpty();
      System.out.println("ComposeIT: everything removed after " + since(from));
    }
  }

  /// Waits until two routers have both decided and two executors have both worked. Facts count from
  /// where the routers last shared the partitions anew, as they then are of who has the partition.
  private static void awaitAllTakePart(KafkaClients clients) {
    var codec = EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
    Map<String, Set<Integer>> shares = new HashMap<>();
    Set<Integer> decided = new HashSet<>();
    Set<String> executors = new HashSet<>();
    try (TopicCursor facts = new TopicCursor(clients, Topic.EXECUTIONS)) {
      Eventually.holds(
          () -> {
            var found = facts.next();
            var now = partitionsOfRouters(clients);
            if (!now.equals(shares)) {
              shares.clear();
              shares.putAll(now);
              decided.clear();
            } else {
              found.forEach(record -> decided.add(record.partition()));
            }
            for (var record : found) {
              if (codec.decode(record.value()).body() instanceof TaskSucceeded done) {
                executors.add(done.instance());
              }
            }
            assertThat(shares).as("routers").hasSize(2);
            assertThat(shares.values())
                .as("shares of the routers, of which %s are decided", decided)
                .noneMatch(own -> Collections.disjoint(own, decided));
            assertThat(executors).as("executors that worked").hasSize(2);
          });
    }
  }

  /// Of each router, those of the requests that it has; who has none is left out.
  private static Map<String, Set<Integer>> partitionsOfRouters(KafkaClients clients)
      throws ExecutionException, InterruptedException {
    String group = clients.group(ConsumerGroup.ROUTER.groupName());
    Map<String, Set<Integer>> partitions = new HashMap<>();
    try (Admin admin = clients.admin()) {
      for (var member : members(admin, group)) {
        Set<Integer> own =
            member.assignment().topicPartitions().stream()
                .filter(partition -> partition.topic().equals(clients.name(Topic.REQUESTS)))
                .map(TopicPartition::partition)
                .collect(Collectors.toSet());
        if (!own.isEmpty()) {
          partitions.put(member.consumerId(), own);
        }
      }
    }
    return partitions;
  }

  /// A group that nobody has joined yet is not there.
  private static Collection<MemberDescription> members(Admin admin, String group)
      throws ExecutionException, InterruptedException {
    try {
      return admin
          .describeConsumerGroups(List.of(group))
          .describedGroups()
          .get(group)
          .get()
          .members();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return List.of();
      }
      throw e;
    }
  }

  private static void killARouterAndAnExecutor(
      ComposedPlatform platform, Callers callers, Random random, long seed) throws Exception {
    List<String> killed =
        List.of(
            "command-service-2", random.nextBoolean() ? "sandbox-executor" : "sandbox-executor-2");
    KafkaClients clients = new KafkaClients(platform.settings());
    platform.kill(killed);
    Instant from = Instant.now();
    Eventually.holds(
        () ->
            assertThat(partitionsOfRouters(clients).values())
                .singleElement()
                .satisfies(own -> assertThat(own).hasSize(Profile.CLUSTER.executionPartitions())));
    String takenOver = since(from);
    awaitMore(callers, ANSWERS);
    report.add(
        "router and executor killed",
        Duration.ZERO,
        "the others had all of it after " + takenOver + ", as containers of " + killed,
        seed);
    platform.startAgain(killed);
  }

  private static void replaceEveryService(ComposedPlatform platform, Callers callers, long seed)
      throws Exception {
    Instant from = Instant.now();
    platform.grantAnew();
    for (String service : ComposedPlatform.SERVICES) {
      platform.replace(service);
      awaitMore(callers, 1);
    }
    report.add(
        "every service replaced",
        Duration.between(from, Instant.now()),
        ComposedPlatform.SERVICES.size()
            + " containers, one after the other, answers after each; put off "
            + callers.refused(),
        seed);
  }

  /// What is asked meanwhile is answered, as two brokers have every record.
  private static void goOnWithout(
      String broker, ComposedPlatform platform, Callers callers, long seed) throws Exception {
    try (var copies = new ThreeCopies(new KafkaClients(platform.settings()))) {
      copies.assertOfEveryTopic();
      Instant from = Instant.now();
      platform.stop(broker);
      copies.awaitBrokers(2);
      Instant away = Instant.now();
      awaitMore(callers, ANSWERS);
      String answered = since(away);
      platform.startAgain(List.of(broker));
      copies.awaitBrokers(3);
      Instant back = Instant.now();
      copies.awaitInSync();
      report.add(
          "one of three brokers away",
          Duration.between(from, back),
          ANSWERS
              + " answers meanwhile within "
              + answered
              + ", it had all of it "
              + since(back)
              + " after it was back; put off "
              + callers.refused(),
          seed);
    }
  }

  private static void awaitMore(Callers callers, int count) {
    int enough = callers.answered().size() + count;
    Eventually.value(
        Callers.PATIENCE, callers::answered, a -> a.size() >= enough, enough + " answers");
  }

  private static String since(Instant from) {
    return FaultReport.seconds(Duration.between(from, Instant.now()));
  }
}
