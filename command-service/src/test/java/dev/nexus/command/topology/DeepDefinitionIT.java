package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.APP;
import static dev.nexus.command.topology.RouterFixture.DIGEST;
import static dev.nexus.command.topology.RouterFixture.TENANT;
import static dev.nexus.command.topology.RouterFixture.component;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A decision that needs more of the stack than there is costs its execution, never the partition.
class DeepDefinitionIT {
  /// A quarter of what threads have, for a schema about as deep as a parser takes.
  private static final long STACK = 256 << 10;

  private static final int DEPTH = 900;
  private static final String SHALLOW = "d2";

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private RouterFixture nexus;

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker);
  }

  @AfterEach
  void end() {
    nexus.close();
  }

  private static ComponentDefinition deep() {
    ComponentDefinition echo = component("echo", HandlerType.BUILTIN);
    return new ComponentDefinition(
        echo.componentId(),
        echo.description(),
        echo.handlerType(),
        echo.taskDetails(),
        CanonicalJson.read("{\"a\":".repeat(DEPTH) + "{}" + "}".repeat(DEPTH)),
        echo.outputSchema(),
        echo.comparator(),
        echo.truth(),
        echo.timeout(),
        echo.retry(),
        echo.promotion());
  }

  @Test
  void shouldRefuseWhatGoesTooDeepAndGoOn() throws Exception {
    // Given
    nexus.publish(DIGEST, deep());
    nexus.publish(SHALLOW, component("echo", HandlerType.BUILTIN));
    List<ExecutionId> executions = RouterFixture.onPartitionZero("deep", 2);
    nexus.send(executions.getFirst(), request("1"));
    nexus.send(executions.getLast(), request(SHALLOW, "2"));
    var context = nexus.context(directory, nexus.sinks(), RouterFixture.limits());
    for (String digest : List.of(DIGEST, SHALLOW)) {
      Eventually.holds(() -> assertThat(nexus.catalog().version(TENANT, APP, digest)).isPresent());
    }
    try (var partition = new HandDrivenPartition(context, 0)) {
      List<ConsumerRecord<String, byte[]>> records = partition.read();

      // When
      onALittleStack(() -> partition.process(records));

      // Then
      var refusal = (RefusalReplied) nexus.awaitReplies(1).getFirst().body();
      assertThat(refusal.problem()).isEqualTo("impossible");
      assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1))
          .extracting(letter -> ((RecordDeadLettered) letter.body()).reason())
          .singleElement()
          .asString()
          .contains("StackOverflowError");
      assertThat(nexus.facts(executions.getFirst())).isEmpty();
      assertThat(nexus.awaitTasks(1)).hasSize(1);
    }
  }

  private static void onALittleStack(Runnable work) throws Exception {
    var done = new CompletableFuture<Void>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                work.run();
                done.complete(null);
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            },
            "little-stack",
            STACK);
    thread.start();
    done.get(1, TimeUnit.MINUTES);
  }
}
