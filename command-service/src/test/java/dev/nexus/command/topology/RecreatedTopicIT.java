package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.request.RequestEvent.ReleaseRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Requests that were deleted and created anew, as who stands still before too many partitions is
/// told to do, under a shelf that has read those before.
class RecreatedTopicIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private RouterFixture nexus;
  private List<ExecutionId> before = List.of();

  @BeforeEach
  void begin() throws Exception {
    nexus = new RouterFixture(broker, BrokerAccess.OWN);
    nexus.publish();
    before = onPartitionZero("before", 3);
    try (var owner = owner()) {
      ask(before);
      owner.drain();
    }
    createAnew(Topic.REQUESTS);
  }

  @AfterEach
  void end() {
    nexus.close();
  }

  @Test
  void shouldReadWhatIsFewerThanWasReadOfTheTopicBefore() {
    shouldDecideOnAllOf(onPartitionZero("fewer", 1));
  }

  @Test
  void shouldReadWhatIsMoreThanWasReadOfTheTopicBefore() {
    shouldDecideOnAllOf(onPartitionZero("more", 5));
  }

  @Test
  void shouldReleaseWhatWasQuarantinedUnderALongerTopicBefore() throws Exception {
    // Given
    ExecutionId odd = before.getFirst();
    try (var owner = owner()) {
      ask(onPartitionZero("longer", 3));
      owner.drain();
      var never = new TaskKey(7, Role.SERVE, 1);
      nexus.report(odd, new WorkSucceeded(never, "exec-1", new Json("1"), Usage.NONE));
      owner.drain();
    }
    assertThat(nexus.facts(odd).getLast())
        .isInstanceOfSatisfying(
            ExecutionQuarantined.class, odder -> assertThat(odder.releaseFrom()).isEqualTo(3));
    createAnew(Topic.REQUESTS);

    // When
    try (var owner = owner()) {
      assertThat(nextRequest(owner)).isZero();
      nexus.send(odd, new ReleaseRequested(true, ReplyAddress.NOBODY));
      owner.drain();
    }

    // Then
    assertThat(nexus.facts(odd).getLast()).isEqualTo(new ExecutionReleased(true));
  }

  private void shouldDecideOnAllOf(List<ExecutionId> accepted) {
    // Given
    ask(accepted);

    // When
    try (var owner = owner()) {
      assertThat(nextRequest(owner)).isZero();
      owner.drain();
    }

    // Then each is decided on, and nothing twice
    assertThat(Stream.concat(before.stream(), accepted.stream()))
        .allSatisfy(e -> assertThat(sequences(e)).containsExactly(1L, 2L, 3L));

    // And whoever comes next knows the topic
    try (var next = owner()) {
      assertThat(nextRequest(next)).isEqualTo(accepted.size());
    }
  }

  private HandDrivenPartition owner() {
    return new HandDrivenPartition(
        nexus.context(directory, nexus.sinks(), RouterFixture.limits()), 0);
  }

  private static Long nextRequest(HandDrivenPartition owner) {
    return owner.positions().get(new TopicPartition(broker.clients().name(Topic.REQUESTS), 0));
  }

  private void ask(List<ExecutionId> executions) {
    executions.forEach(e -> nexus.send(e, RouterFixture.request("1")));
  }

  private static void createAnew(Topic topic) throws Exception {
    try (Admin admin = broker.clients().admin()) {
      admin.deleteTopics(List.of(broker.clients().name(topic))).all().get();
    }
    new TopicTable(broker.clients(), BrokerExtension.SPREAD, false).create();
  }

  private static List<Long> sequences(ExecutionId execution) {
    return broker.read(Topic.EXECUTIONS, ExecutionEvent.class).stream()
        .map(Event::envelope)
        .filter(envelope -> envelope.executionId().equals(execution.toString()))
        .map(Envelope::sequence)
        .toList();
  }
}
