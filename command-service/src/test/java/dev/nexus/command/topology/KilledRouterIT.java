package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.execution;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FactCheck;
import dev.nexus.testkit.FaultReport;
import dev.nexus.testkit.Scale;
import dev.nexus.testkit.Seeds;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// kill -9 of a router under load, at points drawn by a seed that is printed; `-Dnexus.seed=…`
/// repeats one, `-Dnexus.soak=true` does more rounds, with two seeds.
class KilledRouterIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private static FaultReport report;

  @BeforeAll
  static void beginReport() throws IOException {
    report = new FaultReport("KilledRouterIT");
  }

  @ParameterizedTest
  @MethodSource("dev.nexus.testkit.Seeds#ofRun")
  void shouldEndEveryRequestExactlyOnceOverKills(
      long seed, @TempDir Path directory, @TempDir Path other) throws Exception {
    Seeds.print("KilledRouterIT", seed);
    Random random = new Random(seed);
    int rounds = Scale.of(3);
    int requests = Scale.of(400);
    try (RouterFixture nexus = new RouterFixture(broker);
        Workhand executor = new Workhand(nexus)) {
      // Given
      nexus.publish();
      for (int round = 0; round < rounds; round++) {
        killUnderLoad(nexus, directory, round, requests, 20 + random.nextInt(700));
      }

      // When: another process without the shelf of the dead takes over
      long killed = System.nanoTime();
      try (Router router = nexus.router(other, Map.of())) {
        Duration taken = Duration.ofNanos(System.nanoTime() - killed);
        Eventually.value(
            () -> broker.read(Topic.REPLIES, ReplyEvent.class),
            replies -> replies.size() >= rounds * requests,
            "every reply");
        report.add(
            "router killed",
            Duration.ZERO,
            "taken over after "
                + FaultReport.seconds(taken)
                + ", all replies after "
                + FaultReport.seconds(Duration.ofNanos(System.nanoTime() - killed))
                + "; "
                + rounds
                + " kills, "
                + rounds * requests
                + " calls",
            seed);
        Eventually.holds(() -> assertThat(router.healthy()).isTrue());
      }
      assertThat(executor).isNotNull();
      assertNothingLostOrTwice(rounds, requests);
    }
  }

  /// Requests come while the router starts, works, and is killed.
  private void killUnderLoad(
      RouterFixture nexus, Path directory, int round, int requests, long killAfter)
      throws Exception {
    Process child = ChildRouter.running(nexus, directory);
    System.out.println("round " + round + ": kill -9 after " + killAfter + " ms of load");
    CompletableFuture<Void> kill =
        CompletableFuture.runAsync(
            child::destroyForcibly,
            CompletableFuture.delayedExecutor(killAfter, TimeUnit.MILLISECONDS));
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      sent.add(nexus.sendLater(execution(round + "/" + i), request("" + i)));
      LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
    }
    CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
    kill.join();
    child.waitFor();
  }

  private void assertNothingLostOrTwice(int rounds, int requests) {
    Set<String> asked =
        IntStream.range(0, rounds)
            .boxed()
            .flatMap(r -> IntStream.range(0, requests).mapToObj(i -> execution(r + "/" + i)))
            .map(Object::toString)
            .collect(Collectors.toSet());
    try (FactCheck facts = new FactCheck(broker.clients())) {
      facts.awaitEnds(asked);
      facts.assertNothingTwiceAndNoneMissing();
      assertThat(facts.executions()).isEqualTo(asked);
      assertThat(facts.byEnd()).containsOnlyKeys("ExecutionSucceeded");
    }
    List<Event<TaskEvent>> tasks = broker.read(Topic.TASKS_CODE, TaskEvent.class);
    List<Event<ReplyEvent>> replies = broker.read(Topic.REPLIES, ReplyEvent.class);
    assertThat(ids(tasks)).hasSize(rounds * requests).doesNotHaveDuplicates();
    assertThat(ids(replies)).hasSize(rounds * requests).doesNotHaveDuplicates();
    assertThat(replies).allMatch(r -> r.body() instanceof ResultReplied);
  }

  private static List<Object> ids(List<? extends Event<?>> events) {
    return events.stream().<Object>map(e -> e.envelope().eventId()).toList();
  }
}
