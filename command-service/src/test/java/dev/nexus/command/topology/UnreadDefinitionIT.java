package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.APP;
import static dev.nexus.command.topology.RouterFixture.DIGEST;
import static dev.nexus.command.topology.RouterFixture.TENANT;
import static dev.nexus.command.topology.RouterFixture.component;
import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.OutcomeEvent.WorkFailed;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.catalog.DefinitionCatalog;
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
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// An execution of a version that is not in memory any more, while the log does not give it:
/// nothing is decided by a policy that is not its own, and nothing is given up.
class UnreadDefinitionIT {
  private static final TaskKey FIRST = new TaskKey(1, Role.SERVE, 1);
  private static final Duration LEASE = Duration.ofSeconds(30);

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
    Eventually.holds(() -> assertThat(nexus.catalog().published(TENANT, APP, DIGEST)).isTrue());
    router = owner(nexus.catalog());
    nexus.send(execution, request("1"));
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
    definitions =
        nexus.catalog(broker.clients(Map.of("bootstrap.servers", "127.0.0.1:" + road.port())));
    definitions.awaitCaughtUp(Duration.ofMinutes(2));
    road.silence();
    router = owner(definitions);
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
        Duration.ofHours(2),
        new RetryPolicy(1, Duration.ofMillis(10), Duration.ofMillis(50)),
        echo.promotion());
  }

  @Test
  void shouldDecideOnAFailureWhenItKnowsTheRetryPolicyAgain() {
    // Given
    nexus.report(
        execution,
        new WorkFailed(
            FIRST, "exec-1", FailureClass.UPSTREAM, "HTTP 503", Duration.ZERO, Usage.NONE));
    List<ConsumerRecord<String, byte[]>> reports = router.read();
    List<ExecutionEvent> before = nexus.facts(execution);

    // When
    int done = router.process(reports);

    // Then
    assertThat(done).isLessThan(reports.size());
    assertThat(nexus.facts(execution)).isEqualTo(before);

    // When
    road.pass();
    Eventually.holds(
        () ->
            assertThat(router.process(reports.subList(done, reports.size())))
                .isEqualTo(reports.size() - done));

    // Then
    List<ExecutionEvent> facts = nexus.facts(execution);
    assertThat(facts).hasAtLeastOneElementOfType(ExecutionFailed.class);
    assertThat(facts).filteredOn(TaskRequested.class::isInstance).hasSize(1);
    assertThat(facts).noneMatch(ExecutionQuarantined.class::isInstance);
  }

  @Test
  void shouldAskAgainForLostWorkWhenItKnowsThePolicyAgain() {
    // Given
    List<ExecutionEvent> before = nexus.facts(execution);

    // When
    now = now.plus(LEASE).plusSeconds(1);
    router.passTime();

    // Then
    assertThat(nexus.facts(execution)).isEqualTo(before);
    assertThat(router.untilDue()).isPositive();

    // When
    road.pass();
    Eventually.holds(
        () -> {
          now = now.plusSeconds(1);
          router.passTime();
          assertThat(nexus.facts(execution))
              .filteredOn(TaskFailed.class::isInstance)
              .extracting(fact -> ((TaskFailed) fact).failure())
              .containsExactly(FailureClass.LOST);
        });
    assertThat(nexus.facts(execution)).noneMatch(ExecutionQuarantined.class::isInstance);
  }
}
