package dev.nexus.command.deadletter;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;

/// Where a record stood when it was put aside, written as Kafka's own tools do:
/// `nexus.ingress-3@17`. It is the dead letter's name.
///
/// @param topic name on the brokers
public record Origin(String topic, int partition, long offset) {
  public static final String EXPECTED = "TOPIC-PARTITION@OFFSET, such as nexus.ingress-3@17";

  private static final Pattern FORM = Pattern.compile("(.+)-(\\d{1,9})@(\\d{1,18})");

  public static Optional<Origin> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new Origin(
                matcher.group(1),
                Integer.parseInt(matcher.group(2)),
                Long.parseLong(matcher.group(3))))
        : Optional.empty();
  }

  /// Key of everything about it on `nexus.dead-letters`.
  String key() {
    return topic + "/" + partition + "/" + offset;
  }

  TopicPartition topicPartition() {
    return new TopicPartition(topic, partition);
  }

  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}
