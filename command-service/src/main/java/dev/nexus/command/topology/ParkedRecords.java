package dev.nexus.command.topology;

import dev.nexus.event.Position;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads again what came for an execution while it was quarantined. The facts say only where that
/// stands: inputs are kept longer than anybody should leave an execution in quarantine.
final class ParkedRecords {
  private static final Logger LOG = LoggerFactory.getLogger(ParkedRecords.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// What follows from all of them must fit one write, as what follows from one largest record
  /// does.
  private static final int MOST_BYTES = KafkaClients.LARGEST_RECORD;

  private ParkedRecords() {}

  /// The records of an execution at these positions, in this order. What is too much for one write
  /// is dead-lettered, as is the place of what the log does not have any more. Throws when the log
  /// gives no answer, as then nothing may be decided without them.
  ///
  /// @param partition on which everything about the execution stands
  static List<ConsumerRecord<String, byte[]>> read(
      RouterContext context, int partition, String key, List<Position> parked) {
    List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
    if (parked.isEmpty()) {
      return found;
    }
    var consumer = context.clients().assignedConsumer("router-parked", 1);
    try {
      long bytes = 0;
      for (Position at : parked) {
        Optional<TopicPartition> input = input(context.clients(), partition, at);
        var record =
            input
                .flatMap(from -> record(consumer, from, at.inputOffset()))
                .filter(read -> key.equals(read.key()));
        if (record.isEmpty()) {
          gone(context, key, input, at);
        } else if (bytes + record.get().serializedValueSize() > MOST_BYTES) {
          context.deadLetters().add(record.get(), "more was parked than one write can hold");
        } else {
          bytes += record.get().serializedValueSize();
          found.add(record.get());
        }
      }
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
    return found;
  }

  private static void gone(
      RouterContext context, String key, Optional<TopicPartition> input, Position at) {
    LOG.atWarn()
        .addKeyValue("execution", key)
        .addKeyValue("at", at)
        .log("the log does not have what was parked");
    input.ifPresent(
        from ->
            context
                .deadLetters()
                .addUnread(
                    from,
                    at.inputOffset(),
                    "was parked for the execution "
                        + key
                        + ", and the log does not have it any more: look what came of its work, and"
                        + " report it again"));
  }

  /// Where the position is, if it is one of an input that is read here.
  private static Optional<TopicPartition> input(KafkaClients clients, int partition, Position at) {
    return Topic.named(at.inputTopic())
        .filter(topic -> topic == Topic.REQUESTS || topic == Topic.OUTCOMES)
        .filter(_ -> at.inputPartition() == partition)
        .map(topic -> new TopicPartition(clients.name(topic), partition));
  }

  private static Optional<ConsumerRecord<String, byte[]>> record(
      KafkaConsumer<String, byte[]> consumer, TopicPartition input, long offset) {
    List<TopicPartition> inputs = List.of(input);
    if (offset < consumer.beginningOffsets(inputs).getOrDefault(input, 0L)
        || offset >= consumer.endOffsets(inputs).getOrDefault(input, 0L)) {
      return Optional.empty();
    }
    consumer.assign(inputs);
    consumer.seek(input, offset);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(input) <= offset) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("no answer about " + input + " at " + offset);
      }
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        return record.offset() == offset ? Optional.of(record) : Optional.empty();
      }
    }
    return Optional.empty();
  }
}
