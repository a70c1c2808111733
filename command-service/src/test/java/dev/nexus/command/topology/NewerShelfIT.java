package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/// A shelf that a newer version wrote in a layout that this one does not know.
class NewerShelfIT {
  private static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);
  private static final byte[] PLACE = {'p'};
  private static final byte[] OPEN =
      "odefault/what-no-version-of-now-reads".getBytes(StandardCharsets.UTF_8);

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

  private HandDrivenPartition owner() {
    return new HandDrivenPartition(
        nexus.context(directory, nexus.sinks(), RouterFixture.limits()), 0);
  }

  private String place() throws RocksDBException {
    try (RocksDB shelf = RocksDB.open(directory.resolve("0").toString())) {
      return new String(shelf.get(PLACE), StandardCharsets.UTF_8);
    }
  }

  /// Makes the shelf one of the next layout, with an entry that cannot be read here.
  private void upgrade() throws RocksDBException {
    try (RocksDB shelf = RocksDB.open(directory.resolve("0").toString())) {
      String place = new String(shelf.get(PLACE), StandardCharsets.UTF_8);
      String newer = place.replace("\nlayout=1\n", "\nlayout=2\n") + "\nlast=in other words";
      assertThat(newer).contains("layout=2");
      shelf.put(PLACE, newer.getBytes(StandardCharsets.UTF_8));
      shelf.put(OPEN, new byte[] {7});
    }
  }

  private List<Long> sequences(ExecutionId execution) {
    return broker.read(Topic.EXECUTIONS, ExecutionEvent.class).stream()
        .map(Event::envelope)
        .filter(envelope -> envelope.executionId().equals(execution.toString()))
        .map(envelope -> envelope.sequence())
        .toList();
  }

  @Test
  void shouldMakeItAnewFromTheLog() throws RocksDBException {
    // Given
    List<ExecutionId> executions = onPartitionZero("newer", 4);
    try (var owner = owner()) {
      executions.subList(0, 2).forEach(e -> nexus.send(e, RouterFixture.request("1")));
      owner.drain();
    }
    upgrade();

    // When
    try (var owner = owner()) {
      executions.subList(2, 4).forEach(e -> nexus.send(e, RouterFixture.request("1")));
      owner.drain();
      executions.forEach(
          e -> nexus.report(e, new WorkSucceeded(SERVE, "exec-1", new Json("1"), Usage.NONE)));
      owner.drain();
    }

    // Then it knew what was open, and it is one of this version
    assertThat(executions)
        .allSatisfy(e -> assertThat(sequences(e)).containsExactly(1L, 2L, 3L, 4L, 5L));
    assertThat(place()).contains("\nlayout=1\n").doesNotContain("other words");
  }

  @Test
  void shouldLeaveItAsItIsWhereTheLogCannotReplaceIt() throws Exception {
    // Given a log that no longer has what the shelf has
    List<ExecutionId> executions = onPartitionZero("newer", 2);
    try (var owner = owner()) {
      executions.forEach(e -> nexus.send(e, RouterFixture.request("1")));
      owner.drain();
    }
    upgrade();
    String before = place();
    var facts = new TopicPartition(broker.clients().name(Topic.EXECUTIONS), 0);
    try (Admin admin = broker.clients().admin()) {
      admin.deleteRecords(Map.of(facts, RecordsToDelete.beforeOffset(4))).all().get();
    }

    // Then it is refused, and the newer version can go on from it
    assertThatThrownBy(this::owner)
        .isInstanceOf(CannotGoOnException.class)
        .hasMessageContaining("no snapshot has what followed from them");
    assertThat(place()).isEqualTo(before);
  }
}
