package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.execution;
import static dev.nexus.command.topology.RouterFixture.limits;
import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.OwnedPartitions;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.platform.stream.Transaction;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// One decider a partition, whatever its process believes.
class OwnershipIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path one;
  @TempDir Path two;
  private RouterFixture nexus;

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker);
    nexus.publish();
  }

  @AfterEach
  void end() {
    nexus.close();
  }

  private HandDrivenPartition owner(Path shelf) {
    return new HandDrivenPartition(nexus.context(shelf, nexus.sinks(), limits()), 0);
  }

  private static boolean isFenced(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof ProducerFencedException || at instanceof InvalidProducerEpochException) {
        return true;
      }
    }
    return false;
  }

  @Test
  void shouldLetAStaleOwnerWriteNothing() {
    // Given
    List<ExecutionId> executions = onPartitionZero("stale", 2);
    try (var stale = owner(one);
        var owner = owner(two)) {
      nexus.send(executions.get(0), request("1"));
      nexus.send(executions.get(1), request("2"));
      var both = stale.read();

      // When
      assertThat(both).hasSize(2);
      assertThatThrownBy(() -> stale.process(both))
          .satisfies(e -> assertThat(isFenced(e)).isTrue());
      assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class)).isEmpty();
      owner.drain();

      // Then
      assertThat(broker.await(Topic.EXECUTIONS, ExecutionEvent.class, 6)).hasSize(6);
      assertThat(broker.await(Topic.TASKS_CODE, TaskEvent.class, 2)).hasSize(2);
    }
  }

  @Test
  void shouldVoidWhatAStaleOwnerHasWrittenWhenItIsFencedBeforeItsCommit() {
    // Given
    List<ExecutionId> executions = onPartitionZero("half", 3);
    HandDrivenPartition[] next = new HandDrivenPartition[1];
    RouterContext.Sinks overtaken =
        partition ->
            new Overtaken(
                new Transaction(nexus.clients(), "router-" + partition),
                () -> next[0] = next[0] == null ? owner(two) : next[0]);
    try (var stale = new HandDrivenPartition(nexus.context(one, overtaken, limits()), 0)) {
      executions.forEach(e -> nexus.send(e, request("1")));

      // When
      assertThatThrownBy(stale::drain).satisfies(e -> assertThat(isFenced(e)).isTrue());
      next[0].drain();

      // Then
      assertThat(broker.await(Topic.EXECUTIONS, ExecutionEvent.class, 9)).hasSize(9);
      assertThat(broker.await(Topic.TASKS_CODE, TaskEvent.class, 3)).hasSize(3);
    } finally {
      next[0].close();
    }
  }

  /// Something happens between the writes and their commit.
  private record Overtaken(RecordSink sink, Runnable event) implements RecordSink {
    @Override
    public void write(List<Outgoing> decision) {
      sink.write(decision);
      event.run();
    }

    @Override
    public void commit() {
      sink.commit();
    }

    @Override
    public void close() {
      sink.close();
    }
  }

  @Test
  void shouldLetTheNextOwnerInTheProcessInWhenTheLastOneFailsToClose() {
    // Given
    RouterContext.Sinks failing = partition -> new FailsToClose(nexus.sinks().open(partition));
    nexus.send(onPartitionZero("next", 1).getFirst(), request("1"));
    var last = new HandDrivenPartition(nexus.context(one, failing, limits()), 0);

    // When
    assertThatThrownBy(last::close).hasMessage("of a test");

    // Then
    try (var next = owner(one)) {
      next.drain();
      assertThat(broker.await(Topic.EXECUTIONS, ExecutionEvent.class, 3)).hasSize(3);
    }
  }

  private record FailsToClose(RecordSink sink) implements RecordSink {
    @Override
    public void write(List<Outgoing> decision) {
      sink.write(decision);
    }

    @Override
    public void commit() {
      sink.commit();
    }

    @Override
    public void close() {
      sink.close();
      throw new IllegalStateException("of a test");
    }
  }

  /// On a broker of the process's own nobody is fenced. What may overlap there are two owners in
  /// one process: a partition is lost, as by a pause of the process, and given again while a write
  /// of the old owner is under way. The shelf's lock keeps the new one out until that has ended.
  @Test
  void shouldKeepTheNextOwnerInTheProcessOutUntilTheLastWriteHasEnded() throws Exception {
    // Given
    List<ExecutionId> executions = onPartitionZero("own", 3);
    var writing = new CountDownLatch(1);
    var mayEnd = new CountDownLatch(1);
    RouterContext.Sinks slow =
        partition ->
            new Overtaken(
                nexus.sinks(BrokerAccess.OWN).open(partition),
                () -> {
                  writing.countDown();
                  await(mayEnd);
                });
    var attempts = new AtomicInteger();
    try (var loser = member(slow, new AtomicInteger());
        var next = member(nexus.sinks(BrokerAccess.OWN), attempts)) {
      loser.start();
      executions.forEach(e -> nexus.send(e, request("1")));
      await(writing);

      // When: another member of the same name takes its partitions away
      next.start();
      Eventually.value(attempts::get, n -> n >= 3, "attempts to own it");
      var ends = CompletableFuture.runAsync(loser::close);
      assertThat(next.healthy()).isFalse();
      assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class)).isEmpty();
      mayEnd.countDown();
      ends.get(2, TimeUnit.MINUTES);

      // Then
      next.awaitReady(Duration.ofMinutes(2));
      nexus.send(execution("later"), request("1"));
      assertThat(broker.await(Topic.EXECUTIONS, ExecutionEvent.class, 12))
          .hasSize(12)
          .extracting(f -> f.envelope().eventId())
          .doesNotHaveDuplicates();
      assertThat(broker.await(Topic.TASKS_CODE, TaskEvent.class, 4)).hasSize(4);
    }
  }

  /// A member of the router's group that keeps its name, as the router of a process does.
  ///
  /// @param attempts counts how often partition 0 was to be owned
  private OwnedPartitions member(RouterContext.Sinks sinks, AtomicInteger attempts) {
    return new OwnedPartitions(
        "router",
        nexus.clients(),
        List.of(Topic.REQUESTS, Topic.OUTCOMES),
        "router-of-this-process",
        partition -> {
          if (partition == 0) {
            attempts.incrementAndGet();
          }
          return new RouterPartition(nexus.context(one, sinks, limits()), partition);
        });
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(2, TimeUnit.MINUTES)) {
        throw new IllegalStateException("nobody let it go on within two minutes");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldBeginWhereItsFoldSaysWhateverTheGroupHasCommitted() throws Exception {
    // Given
    List<ExecutionId> executions = onPartitionZero("position", 5);
    try (var owner = owner(one)) {
      executions.subList(0, 3).forEach(e -> nexus.send(e, request("1")));
      owner.drain();
    }
    executions.subList(3, 5).forEach(e -> nexus.send(e, request("1")));
    commit(5);

    // When
    try (var next = owner(two)) {
      TopicPartition requests = new TopicPartition(nexus.clients().name(Topic.REQUESTS), 0);
      assertThat(next.positions()).containsEntry(requests, 3L);
    }
    try (Router router = nexus.router(one, Map.of())) {
      broker.await(Topic.EXECUTIONS, ExecutionEvent.class, 15);

      // Then
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
      assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class)).hasSize(15);
      assertThat(broker.await(Topic.TASKS_CODE, TaskEvent.class, 5)).hasSize(5);
    }
  }

  private void commit(long offset) throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (int p = 0; p < 4; p++) {
      offsets.put(
          new TopicPartition(nexus.clients().name(Topic.REQUESTS), p),
          new OffsetAndMetadata(offset));
    }
    try (Admin admin = nexus.clients().admin()) {
      admin.alterConsumerGroupOffsets(nexus.clients().group("router"), offsets).all().get();
    }
  }

  @Test
  void shouldShareThePartitionsAndTakeThemOverWhenAnOwnerLeaves() {
    // Given
    try (Router stays = nexus.router(one, Map.of())) {
      try (Router leaves = nexus.router(two, Map.of())) {
        Eventually.holds(() -> assertThat(stays.healthy() && leaves.healthy()).isTrue());
        work("shared", 100);
      }

      // When
      long left = System.nanoTime();
      work("after", 100);
      Duration took = Duration.ofNanos(System.nanoTime() - left);

      // Then
      System.out.println("100 requests answered within " + took + " after an owner left");
      var replies = broker.read(Topic.REPLIES, ReplyEvent.class);
      assertThat(replies).extracting(r -> r.envelope().eventId()).doesNotHaveDuplicates();
      assertThat(replies).hasSize(200);
      assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class)).hasSize(1000);
    }
  }

  private int worked;

  private void work(String name, int count) {
    for (int i = 0; i < count; i++) {
      nexus.send(execution(name + i), request("1"));
    }
    Set<String> own =
        IntStream.range(0, count)
            .mapToObj(i -> execution(name + i).toString())
            .collect(Collectors.toSet());
    Eventually.value(
            () -> broker.read(Topic.TASKS_CODE, TaskEvent.class),
            tasks -> tasks.size() == worked + count,
            "tasks")
        .stream()
        .filter(t -> own.contains(t.envelope().executionId()))
        .forEach(nexus::succeed);
    worked += count;
    broker.await(Topic.REPLIES, ReplyEvent.class, worked);
  }
}
