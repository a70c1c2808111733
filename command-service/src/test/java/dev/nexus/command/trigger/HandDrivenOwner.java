package dev.nexus.command.trigger;

import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// The owner of partition 0 of `nexus.events`: nothing happens unless it is told to.
final class HandDrivenOwner implements AutoCloseable {
  private final TopicPartition input;
  private final DispatchPartition work;
  private final KafkaConsumer<String, byte[]> inputs;
  private final long next;

  HandDrivenOwner(DispatchContext context) {
    input = new TopicPartition(context.clients().name(Topic.EVENTS), 0);
    work = new DispatchPartition(context, 0);
    next = work.recover().getOrDefault(input, 0L);
    inputs = context.clients().assignedConsumer("hand-driven");
    inputs.assign(List.of(input));
    inputs.seek(input, next);
  }

  long next() {
    return next;
  }

  List<ConsumerRecord<String, byte[]>> read() {
    long end = inputs.endOffsets(List.of(input)).getOrDefault(input, 0L);
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    while (inputs.position(input) < end) {
      inputs.poll(Duration.ofMillis(100)).forEach(records::add);
    }
    return records;
  }

  void process(List<ConsumerRecord<String, byte[]>> records) {
    work.process(records);
  }

  void drain() {
    process(read());
  }

  @Override
  public void close() {
    inputs.close(CloseOptions.timeout(Duration.ZERO));
    work.close();
  }
}
