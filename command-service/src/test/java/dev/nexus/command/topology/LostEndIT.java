package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.snapshot.SnapshotSeries;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A log that lost its end with the power, under a shelf that has more.
class LostEndIT {
  private static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private RouterFixture nexus;

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker, BrokerAccess.OWN);
    nexus.publish();
  }

  @AfterEach
  void end() {
    nexus.close();
  }

  private HandDrivenPartition owner(RouterContext.Sinks sinks) {
    return owner(directory, sinks);
  }

  private HandDrivenPartition owner(Path directory, RouterContext.Sinks sinks) {
    return new HandDrivenPartition(nexus.context(directory, sinks, RouterFixture.limits()), 0);
  }

  /// What its owner writes is acknowledged, and gone with the power before it is on the disk.
  private record Lost(AtomicLong next) implements RecordSink {
    @Override
    public void write(List<Outgoing> decision) {
      decision.forEach(out -> out.written().at(0, next.getAndIncrement()));
    }

    @Override
    public void commit() {}

    @Override
    public void close() {}
  }

  private void ask(List<ExecutionId> executions) {
    executions.forEach(e -> nexus.send(e, RouterFixture.request("1")));
  }

  private void succeed(List<ExecutionId> executions) {
    executions.forEach(
        e -> nexus.report(e, new WorkSucceeded(SERVE, "exec-1", new Json("1"), Usage.NONE)));
  }

  private ExecutionShelf.Checkpoint checkpoint(
      Function<ExecutionShelf.Checkpoint, ExecutionShelf.Checkpoint> change) {
    try (ExecutionShelf shelf = new ExecutionShelf(directory.resolve("0"))) {
      shelf.write(_ -> {}, change.apply(shelf.checkpoint()));
      return shelf.checkpoint();
    }
  }

  private List<Long> sequences(ExecutionId execution) {
    return broker.read(Topic.EXECUTIONS, ExecutionEvent.class).stream()
        .map(Event::envelope)
        .filter(envelope -> envelope.executionId().equals(execution.toString()))
        .map(Envelope::sequence)
        .toList();
  }

  @Test
  void shouldDecideAgainWhatOnlyTheShelfHas() {
    // Given
    List<ExecutionId> executions = onPartitionZero("lost", 6);
    List<ExecutionId> kept = executions.subList(0, 3);
    List<ExecutionId> lost = executions.subList(3, 6);
    try (var owner = owner(nexus.sinks())) {
      ask(kept);
      owner.drain();
    }
    int facts = broker.read(Topic.EXECUTIONS, ExecutionEvent.class).size();
    try (var owner = owner(_ -> new Lost(new AtomicLong(facts)))) {
      ask(lost);
      owner.drain();
    }
    assertThat(checkpoint(same -> same).next().get(Topic.EXECUTIONS.topicName()))
        .isGreaterThan(facts);
    assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class)).hasSize(facts);

    // When
    try (var owner = owner(nexus.sinks())) {
      owner.drain();
      succeed(executions);
      owner.drain();
    }

    // Then all have their facts, and none of them twice
    assertThat(executions)
        .allSatisfy(e -> assertThat(sequences(e)).containsExactly(1L, 2L, 3L, 4L, 5L));
  }

  @Test
  void shouldGoOnAtTheEndOfRequestsThatLostTheirs() {
    // Given a shelf that says that more requests were read than there are
    List<ExecutionId> executions = onPartitionZero("behind", 2);
    try (var owner = owner(nexus.sinks())) {
      ask(executions.subList(0, 1));
      owner.drain();
    }
    checkpoint(LostEndIT::ahead);

    // When
    try (var owner = owner(nexus.sinks())) {
      assertThat(owner.positions())
          .containsEntry(new TopicPartition(broker.clients().name(Topic.REQUESTS), 0), 1L);
      ask(executions.subList(1, 2));
      owner.drain();
    }

    // Then
    assertThat(sequences(executions.getFirst())).containsExactly(1L, 2L, 3L);
    assertThat(sequences(executions.getLast())).containsExactly(1L, 2L, 3L);
  }

  /// Has an owner decide on `second` what the log then loses, while it has `first`, and another one
  /// elsewhere write past that place.
  private void loseAndGrowPast(List<ExecutionId> first, List<ExecutionId> second, Path elsewhere) {
    int facts = broker.read(Topic.EXECUTIONS, ExecutionEvent.class).size();
    try (var owner = owner(_ -> new Lost(new AtomicLong(facts)))) {
      ask(second);
      owner.drain();
    }
    succeed(first);
    try (var other = owner(elsewhere, nexus.sinks())) {
      String outcomes = broker.clients().name(Topic.OUTCOMES);
      Map<Boolean, List<ConsumerRecord<String, byte[]>>> inputs =
          other.read().stream()
              .collect(Collectors.partitioningBy(record -> record.topic().equals(outcomes)));
      other.process(inputs.getOrDefault(true, List.of()));
      other.process(inputs.getOrDefault(false, List.of()));
    }
    assertThat(checkpoint(same -> same).next().get(Topic.EXECUTIONS.topicName()))
        .isGreaterThan(facts)
        .isLessThan(broker.read(Topic.EXECUTIONS, ExecutionEvent.class).size());
  }

  @Test
  void shouldNotGoOnFromAShelfWithFactsThatTheLogHasLostAndGrownPast(@TempDir Path elsewhere) {
    // Given a shelf with facts that were lost before another owner wrote, and what it wrote
    List<ExecutionId> executions = onPartitionZero("past", 6);
    List<ExecutionId> first = executions.subList(0, 3);
    List<ExecutionId> second = executions.subList(3, 6);
    try (var owner = owner(nexus.sinks())) {
      ask(first);
      owner.drain();
    }
    loseAndGrowPast(first, second, elsewhere);

    // When the first one is the owner again
    try (var owner = owner(nexus.sinks())) {
      succeed(second);
      owner.drain();
      ask(executions);
      owner.drain();
    }

    // Then it knows what became of each, and calls that are repeated are answered
    assertThat(executions)
        .allSatisfy(e -> assertThat(sequences(e)).containsExactly(1L, 2L, 3L, 4L, 5L));
    assertThat(broker.await(Topic.REPLIES, ReplyEvent.class, 12)).hasSize(12);
  }

  @Test
  void shouldNotGoOnFromASnapshotWithFactsThatTheLogHasLostAndGrownPast(@TempDir Path elsewhere)
      throws IOException {
    // Given a snapshot of facts that the log has, and another one, announced late, of lost ones
    List<ExecutionId> executions = onPartitionZero("taken", 6);
    List<ExecutionId> first = executions.subList(0, 3);
    List<ExecutionId> second = executions.subList(3, 6);
    try (var owner = owner(nexus.sinks())) {
      ask(first);
      owner.drain();
    }
    snapshot();
    List<SnapshotTaken> whole = kept();
    loseAndGrowPast(first, second, elsewhere);
    snapshot();
    assertThat(whole).hasSize(1);
    assertThat(kept()).hasSize(2).containsAll(whole);

    // When an owner comes that has no shelf
    Files.move(directory.resolve("0"), directory.resolve("away"));
    try (var owner = owner(nexus.sinks())) {
      succeed(second);
      owner.drain();
    }

    // Then it knows what became of each, and the other snapshot is taken back
    assertThat(executions)
        .allSatisfy(e -> assertThat(sequences(e)).containsExactly(1L, 2L, 3L, 4L, 5L));
    assertThat(kept()).isEqualTo(whole);
  }

  private void snapshot() {
    RouterContext context = nexus.context(directory, nexus.sinks(), RouterFixture.limits());
    try (var shelf = new ExecutionShelf(directory.resolve("0"));
        var image = shelf.image()) {
      ExecutionShelf.Checkpoint checkpoint = shelf.checkpoint();
      long next = checkpoint.next().getOrDefault(Topic.EXECUTIONS.topicName(), 0L);
      new SnapshotSeries(context.snapshots(), Owner.ROUTER, Topic.EXECUTIONS, context.logId())
          .take(0, 0, next, checkpoint.last(), image::forEach);
    }
  }

  private List<SnapshotTaken> kept() {
    return nexus.snapshots(directory).index().kept(Owner.ROUTER, Topic.EXECUTIONS, 0);
  }

  private static ExecutionShelf.Checkpoint ahead(ExecutionShelf.Checkpoint checkpoint) {
    Map<String, Long> next = new HashMap<>(checkpoint.next());
    next.replaceAll(
        (input, offset) -> input.startsWith(Topic.REQUESTS.topicName()) ? offset + 50 : offset);
    return new ExecutionShelf.Checkpoint(checkpoint.log(), next, checkpoint.last());
  }
}
