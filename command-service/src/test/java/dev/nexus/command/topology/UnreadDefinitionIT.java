package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.APP;
import static dev.nexus.command.topology.RouterFixture.DIGEST;
import static dev.nexus.command.topology.RouterFixture.TENANT;
import static dev.nexus.command.topology.RouterFixture.component;
import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.OutcomeEvent.WorkFailed;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.stream.NotReadInTimeException;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TcpRelay;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// An execution of a version that is not in memory any more, while the log does not give it: what
/// is decided is decided by its own policy, what needs the version itself waits, and nothing is
/// given up.
class UnreadDefinitionIT {
  private static final TaskKey FIRST = new TaskKey(1, Role.SERVE, 1);
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration TIMEOUT = Duration.ofHours(2);

  /// More than a catalog keeps in memory.
  private static final int OTHERS = 600;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private final ExecutionId execution = onPartitionZero("unread", 1).getFirst();
  private Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
  private RouterFixture nexus;
  private TcpRelay road;
  private DefinitionCatalog definitions;
  private HandDrivenPartition router;

  @BeforeEach
  void begin() throws IOException {
    nexus = new RouterFixture(broker);
    nexus.publish(DIGEST, once());
    Eventually.holds(() -> assertThat(nexus.catalog().isPublished(TENANT, APP, DIGEST)).isTrue());
    router = owner(nexus.catalog());
    nexus.send(execution, request("1"));
    router.drain();
    nexus.report(execution, new WorkStarted(FIRST, "exec-1", LEASE));
    router.drain();
    router.close();
    var others =
        IntStream.range(0, OTHERS)
            .mapToObj(i -> nexus.publishLater("other-" + i, once()))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(others).join();

    // What follows the topic is connected; what reads one record again is not yet.
    road = TcpRelay.to(Integer.parseInt(broker.bootstrapServers().split(":")[1]));
    definitions = onTheRoad();
    definitions.awaitCaughtUp(Duration.ofMinutes(2));
    router = owner(definitions);
    road.silence();
  }

  @AfterEach
  void end() throws IOException {
    router.close();
    definitions.close();
    nexus.close();
    road.close();
  }

  private HandDrivenPartition owner(DefinitionCatalog catalog) {
    InstantSource clock = () -> now;
    return new HandDrivenPartition(
        nexus.context(
            directory,
            nexus.sinks(),
            RouterFixture.limits(),
            clock.withZone(ZoneOffset.UTC),
            catalog),
        0);
  }

  /// A component that is tried once; by default work is tried more often.
  private static ComponentDefinition once() {
    ComponentDefinition echo = component("echo", HandlerType.BUILTIN);
    return new ComponentDefinition(
        echo.componentId(),
        echo.description(),
        echo.handlerType(),
        echo.taskDetails(),
        echo.inputSchema(),
        echo.outputSchema(),
        echo.comparator(),
        echo.truth(),
        TIMEOUT,
        new RetryPolicy(1, Duration.ofMillis(10), Duration.ofMillis(50)),
        echo.promotion());
  }

  @Test
  void shouldDecideOnAFailureByTheRetryPolicyOfItsOwn() {
    // When
    nexus.report(
        execution,
        new WorkFailed(
            FIRST, "exec-1", FailureClass.UPSTREAM, "HTTP 503", Duration.ZERO, Usage.NONE));
    router.drain();

    // Then
    List<ExecutionEvent> facts = nexus.facts(execution);
    assertThat(facts).hasAtLeastOneElementOfType(ExecutionFailed.class);
    assertThat(facts).filteredOn(TaskRequested.class::isInstance).hasSize(1);
    assertThat(facts).noneMatch(ExecutionQuarantined.class::isInstance);
  }

  @Test
  void shouldAskForLostWorkAgainWithTheTimeoutOfItsOwn() {
    // When
    now = now.plus(LEASE).plusSeconds(1);
    router.passTime();

    // Then
    assertThat(nexus.facts(execution)).filteredOn(TaskRequested.class::isInstance).hasSize(2);
    assertThat(nexus.awaitTasks(2))
        .hasSize(2)
        .allSatisfy(task -> assertThat(timeout(task.body())).isEqualTo(TIMEOUT));
  }

  private static Duration timeout(TaskEvent task) {
    return ((TaskAssigned) task).limits().timeout();
  }

  @Test
  void shouldBeginWorkOfAVersionOnceTheLogGivesIt() {
    // Given
    ExecutionId next = onPartitionZero("next", 1).getFirst();

    // When
    nexus.send(next, request("2"));
    router.drain();

    // Then
    assertThat(nexus.facts(next)).singleElement().isInstanceOf(ExecutionAccepted.class);

    // When
    road.pass();

    // Then
    Eventually.holds(
        () -> {
          router.passTime();
          assertThat(nexus.facts(next)).hasAtLeastOneElementOfType(TaskRequested.class);
        });
    assertThat(nexus.facts(next)).noneMatch(ExecutionQuarantined.class::isInstance);
  }

  @Test
  void shouldBeginWorkOfManyVersionsOnceTheLogGivesThem() {
    // Given: versions that are not in memory either
    List<ExecutionId> next = onPartitionZero("next", 5);
    for (int i = 0; i < next.size(); i++) {
      nexus.send(next.get(i), request("other-" + i, "1"));
    }
    router.drain();
    next.forEach(
        one -> assertThat(nexus.facts(one)).singleElement().isInstanceOf(ExecutionAccepted.class));

    // When
    road.pass();

    // Then
    Eventually.holds(
        () -> {
          router.passTime();
          for (ExecutionId one : next) {
            assertThat(nexus.facts(one)).hasAtLeastOneElementOfType(TaskRequested.class);
          }
        });
  }

  @Test
  void shouldTakeNoPartitionOverBeforeItKnowsWhatIsPublished() {
    // Given: what follows the topic is connected; what asks where that ends is not yet
    router.close();
    road.pass();
    try (DefinitionCatalog late = onTheRoad()) {
      late.awaitCaughtUp(Duration.ofMinutes(2));
      road.silence();

      // Then
      assertThatThrownBy(() -> owner(late)).isInstanceOf(NotReadInTimeException.class);

      // When
      road.pass();

      // Then
      router =
          Eventually.value(
                  () -> {
                    try {
                      return Optional.of(owner(late));
                    } catch (NotReadInTimeException e) {
                      return Optional.<HandDrivenPartition>empty();
                    }
                  },
                  Optional::isPresent,
                  "an owner")
              .orElseThrow();
    }
  }

  private DefinitionCatalog onTheRoad() {
    return nexus.catalog(broker.clients(Map.of("bootstrap.servers", "127.0.0.1:" + road.port())));
  }
}
