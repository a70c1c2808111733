package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A decision names its input, and nothing before that is read again: what was refused before must
/// have its dead letter by then.
class RefusedFirstIT {
  private static final String PROBE = "a probe";

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private RouterFixture nexus;
  private RouterContext context;

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker, BrokerAccess.OWN);
    nexus.publish();
    context = nexus.context(directory, nexus.sinks(), RouterFixture.limits());
  }

  @AfterEach
  void end() {
    nexus.close();
  }

  private void takeLettersOf(int bytes) throws Exception {
    var topic =
        new ConfigResource(ConfigResource.Type.TOPIC, nexus.clients().name(Topic.DEAD_LETTERS));
    var set =
        new AlterConfigOp(
            new ConfigEntry("max.message.bytes", Integer.toString(bytes)),
            AlterConfigOp.OpType.SET);
    try (Admin admin = nexus.clients().admin()) {
      admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get();
    }
  }

  private boolean takesLetters() {
    try {
      context
          .deadLetters()
          .send(new ConsumerRecord<>("probe", 0, 0, "key", new byte[1]), PROBE)
          .join();
      return true;
    } catch (CompletionException e) {
      return false;
    }
  }

  private List<String> reasons() {
    return broker.read(Topic.DEAD_LETTERS, DeadLetterEvent.class).stream()
        .map(letter -> ((RecordDeadLettered) letter.body()).reason())
        .filter(reason -> !reason.equals(PROBE))
        .toList();
  }

  @Test
  void shouldPutAsideWhatItRefusedBeforeItDecidesOnWhatFollows() throws Exception {
    // Given a truth about no execution, which nobody waits for, before a call
    List<ExecutionId> executions = onPartitionZero("after-a-refusal", 2);
    takeLettersOf(64);
    Eventually.holds(() -> assertThat(takesLetters()).isFalse());
    try (var owner = new HandDrivenPartition(context, 0)) {
      nexus.send(executions.get(0), new TruthSubmitted(new Json("1")));
      nexus.send(executions.get(1), request("1"));
      var records = owner.read();

      // When
      assertThatThrownBy(() -> owner.process(records))
          .isInstanceOf(RequestNotAcceptedException.class);
    }

    // Then nothing was decided
    assertThat(nexus.facts(executions.get(1))).isEmpty();

    // When the log takes letters again
    takeLettersOf(1 << 20);
    Eventually.holds(() -> assertThat(takesLetters()).isTrue());
    try (var next = new HandDrivenPartition(context, 0)) {
      next.drain();
    }

    // Then
    assertThat(reasons()).hasSize(1);
    assertThat(nexus.facts(executions.get(1))).isNotEmpty();
  }
}
