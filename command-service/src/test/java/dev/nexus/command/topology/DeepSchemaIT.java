package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.command.execution.Decision.Impossible;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A decision that takes more stack than its thread has. A component's identity is written out of
/// schemas as deep as any JSON may be, which fits a usual stack: so the thread has a small one.
class DeepSchemaIT {
  private static final String DEEP = "deep";

  /// A little less than may be read, as the definition stands around it.
  private static final int DEPTH = 950;

  /// Enough for any other decision.
  private static final int SMALL = 256 << 10;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private RouterFixture nexus;

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker, BrokerAccess.OWN);
    nexus.publish();
    nexus.publish(DEEP, deep());
  }

  @AfterEach
  void end() {
    nexus.close();
  }

  private static ComponentDefinition deep() {
    JsonNode schema = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < DEPTH; i++) {
      schema = JsonNodeFactory.instance.objectNode().set("properties", schema);
    }
    ComponentDefinition flat = RouterFixture.component("echo", HandlerType.BUILTIN);
    return new ComponentDefinition(
        flat.componentId(),
        flat.description(),
        flat.handlerType(),
        flat.taskDetails(),
        schema,
        flat.outputSchema(),
        flat.comparator(),
        flat.truth(),
        flat.timeout(),
        flat.retry(),
        flat.promotion());
  }

  private static void decideOnASmallStack(
      HandDrivenPartition owner, List<ConsumerRecord<String, byte[]>> records) throws Exception {
    var deciding =
        new FutureTask<Void>(
            () -> {
              owner.process(records);
              return null;
            });
    new Thread(null, deciding, "small-stack", SMALL).start();
    deciding.get();
  }

  @Test
  void shouldRefuseWhatOverflowsTheStackAndDecideOn() throws Exception {
    // Given an owner that has decided before
    List<ExecutionId> executions = onPartitionZero("deep", 4);
    try (var owner =
        new HandDrivenPartition(
            nexus.context(directory, nexus.sinks(), RouterFixture.limits()), 0)) {
      nexus.send(executions.get(0), request("1"));
      owner.drain();

      // When
      nexus.send(executions.get(1), request(DEEP, "1"));
      nexus.send(executions.get(2), request("1"));
      decideOnASmallStack(owner, owner.read());

      // Then
      var refusal = (RefusalReplied) nexus.awaitReplies(1).getFirst().body();
      assertThat(refusal.problem()).isEqualTo(Impossible.CODE);
      assertThat(refusal.detail()).contains("StackOverflowError");
      var letter =
          (RecordDeadLettered)
              broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1).getFirst().body();
      assertThat(letter.reason()).contains("StackOverflowError");
      assertThat(nexus.facts(executions.get(1))).isEmpty();
      assertThat(nexus.facts(executions.get(2))).hasSize(3);

      // When a thread of the usual size decides on the same
      nexus.send(executions.get(3), request(DEEP, "1"));
      owner.drain();

      // Then
      assertThat(nexus.facts(executions.get(3))).hasSize(3);
    }
  }
}
