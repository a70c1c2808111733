package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.request.RequestEvent.ReleaseRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A release that was refused before the quarantine, and is read again by an owner that has nothing
/// but the log: a refusal leaves no fact.
class EarlyReleaseIT {
  private static final TaskKey NEVER = new TaskKey(7, Role.SERVE, 1);
  private static final ReplyAddress EARLY = new ReplyAddress("api-2", 1);
  private static final ReplyAddress LATER = new ReplyAddress("api-3", 1);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private final ExecutionId odd = onPartitionZero("odd", 1).getFirst();
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

  private void accept(HandDrivenPartition owner) {
    nexus.send(odd, RouterFixture.request("1"));
    owner.drain();
  }

  private void release(HandDrivenPartition owner, boolean discard, ReplyAddress operator) {
    nexus.send(odd, new ReleaseRequested(discard, operator));
    owner.drain();
  }

  private void quarantine(HandDrivenPartition owner) {
    nexus.report(odd, new WorkSucceeded(NEVER, "exec-1", new Json("1"), Usage.NONE));
    owner.drain();
    assertThat(nexus.facts(odd).getLast()).isInstanceOf(ExecutionQuarantined.class);
  }

  private void loseTheShelf() throws IOException {
    Files.move(directory.resolve("0"), directory.resolve("away-" + UUID.randomUUID()));
  }

  /// What was told to one who asked.
  private static List<Event<ReplyEvent>> told(ReplyAddress who) {
    return broker.read(Topic.REPLIES, ReplyEvent.class).stream()
        .filter(reply -> reply.body().replyInstance().equals(who.replyInstance()))
        .toList();
  }

  /// Recovers without a shelf, and reads from the refused release on.
  private void recover(long refusedAt) throws IOException {
    loseTheShelf();
    try (var owner = owner()) {
      assertThat(owner.positions())
          .containsEntry(new TopicPartition(broker.clients().name(Topic.REQUESTS), 0), refusedAt);
      List<ExecutionEvent> recovered = nexus.facts(odd);
      assertThat(recovered.getLast()).isInstanceOf(ExecutionQuarantined.class);
      owner.drain();
      assertThat(nexus.facts(odd)).isEqualTo(recovered);
    }
    assertThat(told(EARLY)).hasSizeGreaterThan(1).containsOnly(told(EARLY).getFirst());
    var refusal = (RefusalReplied) told(EARLY).getFirst().body();
    assertThat(refusal.problem()).isEqualTo("not-quarantined");
  }

  private void releaseAnew() {
    try (var owner = owner()) {
      release(owner, true, LATER);
    }
    assertThat(nexus.facts(odd).getLast()).isEqualTo(new ExecutionReleased(true));
    assertThat(told(LATER)).hasSize(1);
    assertThat(told(EARLY)).containsOnly(told(EARLY).getFirst());
  }

  @Test
  void shouldNotReleaseWhatAnOutcomeQuarantinedSince() throws IOException {
    // Given
    try (var owner = owner()) {
      accept(owner);
      release(owner, true, EARLY);
      assertThat(told(EARLY)).hasSize(1);
      quarantine(owner);
    }

    // Then it stands still, until it is released anew
    recover(1);
    releaseAnew();
  }

  @Test
  void shouldNotReleaseWhatWasQuarantinedAnewSince() throws IOException {
    // Given a quarantine that was released, and another one
    try (var owner = owner()) {
      accept(owner);
      quarantine(owner);
      release(owner, false, ReplyAddress.NOBODY);
      assertThat(nexus.facts(odd).getLast()).isEqualTo(new ExecutionReleased(false));
      release(owner, true, EARLY);
      assertThat(told(EARLY)).hasSize(1);
      quarantine(owner);
    }

    // Then
    recover(2);
    releaseAnew();
  }

  @Test
  void shouldNotReleaseWhatARecoveryFoundToBeImpossible() throws IOException {
    // Given a fact that no router has written
    try (var owner = owner()) {
      accept(owner);
      release(owner, true, EARLY);
      assertThat(told(EARLY)).hasSize(1);
    }
    nexus.writeFact(odd, new TaskSucceeded(NEVER, "exec-1", new Json("1"), Usage.NONE), 4);

    // Then whoever finds it, and whoever comes after that one, leaves it as it is
    recover(1);
    recover(1);
    releaseAnew();
  }

  /// A predecessor may have been further in the requests than in the outcomes.
  @Test
  void shouldNotReleaseWhatItQuarantinesItselfBeforeItReadsTheReleaseAgain() throws IOException {
    // Given
    try (var owner = owner()) {
      accept(owner);
      release(owner, true, EARLY);
      assertThat(told(EARLY)).hasSize(1);
    }
    nexus.report(odd, new WorkSucceeded(NEVER, "exec-1", new Json("1"), Usage.NONE));
    loseTheShelf();

    // When
    try (var owner = owner()) {
      String outcomes = broker.clients().name(Topic.OUTCOMES);
      var inputs = owner.read();
      owner.process(inputs.stream().filter(i -> i.topic().equals(outcomes)).toList());
      owner.process(inputs.stream().filter(i -> !i.topic().equals(outcomes)).toList());
    }

    // Then
    assertThat(nexus.facts(odd).getLast()).isInstanceOf(ExecutionQuarantined.class);
    recover(1);
    releaseAnew();
  }
}
