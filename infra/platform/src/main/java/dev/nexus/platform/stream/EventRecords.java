package dev.nexus.platform.stream;

import dev.nexus.event.Event;
import dev.nexus.topic.Topic;
import dev.nexus.wire.CloudEventHeaders;
import dev.nexus.wire.EventCodec;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Events as Kafka records. When something happened, the event says; the time of a record is the
/// broker's, as it keeps and deletes by that.
public final class EventRecords {
  /// Header of a record that was put aside and is written again: the name of its dead letter.
  public static final String REPLAY_OF = "nexus-replay-of";

  private EventRecords() {}

  public static <E> ProducerRecord<String, byte[]> of(
      KafkaClients clients, EventCodec<E> codec, String key, Event<? extends E> event) {
    return of(clients, codec, codec.topic(), null, key, event);
  }

  /// A record on `topic`, which may be a sister of the codec's own (the lanes share one schema);
  /// `partition` null leaves the choice to the key.
  public static <E> ProducerRecord<String, byte[]> of(
      KafkaClients clients,
      EventCodec<E> codec,
      Topic topic,
      @Nullable Integer partition,
      String key,
      Event<? extends E> event) {
    var record = new ProducerRecord<>(clients.name(topic), partition, key, codec.encode(event));
    CloudEventHeaders.of(event).forEach((name, value) -> record.headers().add(name, value));
    return record;
  }

  /// Id of the event that a record holds, as its header says; "" where it has none.
  public static String id(Headers headers) {
    return text(headers, CloudEventHeaders.ID);
  }

  /// Whether a record was put aside before, and written again.
  public static boolean replayed(Headers headers) {
    return headers.lastHeader(REPLAY_OF) != null;
  }

  /// Type of an event of ours, such as `TaskSucceeded`, as its header says; "" where it has none.
  public static String type(Headers headers) {
    String type = text(headers, CloudEventHeaders.TYPE);
    return type.startsWith(CloudEventHeaders.TYPE_PREFIX)
        ? type.substring(CloudEventHeaders.TYPE_PREFIX.length())
        : "";
  }

  private static String text(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null
        ? ""
        : new String(header.value(), StandardCharsets.UTF_8);
  }
}
