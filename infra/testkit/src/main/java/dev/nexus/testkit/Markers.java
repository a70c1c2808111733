package dev.nexus.testkit;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/// The marks that end a transaction on each partition it wrote to. A commit is done before they
/// stand everywhere, so readers see what it wrote a moment later, and on one topic before another.
public final class Markers {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final int FEWEST_LOOKS = 200;
  private static final Duration STEP = Duration.ofMillis(5);

  private Markers() {}

  /// Waits until readers of committed records see all of a topic; three seconds at most, for a
  /// transaction may stay open, and longer where these are a few looks only, as on a machine that
  /// stood still.
  public static void await(Admin admin, KafkaClients clients, Topic topic) {
    String name = clients.name(topic);
    try {
      int partitions =
          Objects.requireNonNull(
                  admin.describeTopics(List.of(name)).allTopicNames().get().get(name))
              .partitions()
              .size();
      Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
      IntStream.range(0, partitions)
          .forEach(p -> asked.put(new TopicPartition(name, p), OffsetSpec.latest()));
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      int looks = 0;
      while (end(admin, asked, IsolationLevel.READ_COMMITTED)
              < end(admin, asked, IsolationLevel.READ_UNCOMMITTED)
          && (looks++ < FEWEST_LOOKS || System.nanoTime() < deadline)) {
        LockSupport.parkNanos(STEP.toNanos());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("ends of " + name + " could not be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long end(Admin admin, Map<TopicPartition, OffsetSpec> asked, IsolationLevel level)
      throws ExecutionException, InterruptedException {
    return admin.listOffsets(asked, new ListOffsetsOptions(level)).all().get().values().stream()
        .mapToLong(ListOffsetsResultInfo::offset)
        .sum();
  }
}
