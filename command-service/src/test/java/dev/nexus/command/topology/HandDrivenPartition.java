package dev.nexus.command.topology;

import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// The router of one partition with the test as its thread: nothing happens unless it is told to.
final class HandDrivenPartition implements AutoCloseable {
  private final RouterPartition work;
  private final KafkaConsumer<String, byte[]> inputs;
  private final Map<TopicPartition, Long> positions;

  /// Takes the partition over and folds the log.
  HandDrivenPartition(RouterContext context, int partition) {
    this(context, partition, _ -> {});
  }

  /// As above; `witness` is given the memory before anything is in it.
  HandDrivenPartition(RouterContext context, int partition, Consumer<ExecutionMemory> witness) {
    work = new RouterPartition(context, partition);
    witness.accept(work.memory());
    try {
      positions = work.recover();
    } catch (RuntimeException e) {
      work.close();
      throw e;
    }
    inputs = context.clients().assignedConsumer("hand-driven");
    List<TopicPartition> topics =
        List.of(
            new TopicPartition(context.clients().name(Topic.REQUESTS), partition),
            new TopicPartition(context.clients().name(Topic.OUTCOMES), partition));
    inputs.assign(topics);
    inputs.seekToBeginning(topics);
    positions.forEach(inputs::seek);
  }

  /// Where the fold says to go on.
  Map<TopicPartition, Long> positions() {
    return positions;
  }

  /// What stands on the log and was not read yet.
  List<ConsumerRecord<String, byte[]>> read() {
    Map<TopicPartition, Long> ends = inputs.endOffsets(inputs.assignment());
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    while (ends.entrySet().stream().anyMatch(e -> inputs.position(e.getKey()) < e.getValue())) {
      inputs.poll(Duration.ofMillis(100)).forEach(records::add);
    }
    return records;
  }

  void process(List<ConsumerRecord<String, byte[]>> records) {
    work.process(records);
  }

  /// Decides on everything that stands on the log.
  void drain() {
    List<ConsumerRecord<String, byte[]>> records = read();
    for (int from = 0; from < records.size(); from += 1_000) {
      process(records.subList(from, Math.min(records.size(), from + 1_000)));
    }
  }

  void passTime() {
    work.passTime();
  }

  Duration untilDue() {
    return work.untilDue();
  }

  int executionsInTheHeap() {
    return work.memory().size();
  }

  long bytesInTheHeap() {
    return work.memory().bytes();
  }

  @Override
  public void close() {
    inputs.close(CloseOptions.timeout(Duration.ZERO));
    work.close();
  }
}
