package dev.nexus.platform.stream;

import dev.nexus.platform.measure.Measure;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Counts the events that the producers of one `KafkaClients` write, by topic and type. All that a
/// process does ends in events, so this is most of what there is to count.
public final class WrittenEvents {
  /// Key under which a producer's settings hold this object for its interceptor.
  static final String SETTING = "nexus.written.events";

  private final Map<Kind, LongAdder> counts = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable MeterRegistry> meters = new AtomicReference<>();

  private record Kind(String topic, String type, boolean taken) {}

  private final String ingress;

  WrittenEvents(String ingress) {
    this.ingress = ingress;
  }

  /// Has a registry tell the counts; once.
  public void countIn(MeterRegistry registry) {
    if (!meters.compareAndSet(null, registry)) {
      throw new IllegalStateException("they are told by a registry already");
    }
    counts.forEach((kind, count) -> tell(registry, kind, count));
  }

  /// Outside events are counted together: anybody may invent a type.
  private void count(String topic, Headers headers, boolean taken) {
    String type = topic.equals(ingress) ? "" : EventRecords.type(headers);
    Kind kind = new Kind(topic, type, taken);
    LongAdder count = counts.get(kind);
    if (count == null) {
      count = counts.computeIfAbsent(kind, _ -> new LongAdder());
      MeterRegistry registry = meters.get();
      if (registry != null) {
        tell(registry, kind, count);
      }
    }
    count.increment();
  }

  /// What is told twice is one counter.
  private static void tell(MeterRegistry registry, Kind kind, LongAdder count) {
    Measure measure = kind.taken() ? Measure.WRITTEN : Measure.NOT_WRITTEN;
    measure.countOf(registry, count, LongAdder::sum, kind.topic(), kind.type());
  }

  /// What Kafka makes for each producer. What it throws is only logged by the producer.
  public static final class Interceptor implements ProducerInterceptor<String, byte[]> {
    private @Nullable WrittenEvents written;

    @Override
    public void configure(Map<String, ?> settings) {
      written = (WrittenEvents) settings.get(SETTING);
    }

    @Override
    public ProducerRecord<String, byte[]> onSend(ProducerRecord<String, byte[]> record) {
      return record;
    }

    @Override
    public void onAcknowledgement(
        @Nullable RecordMetadata metadata, @Nullable Exception failure, Headers headers) {
      if (written != null && metadata != null) {
        written.count(metadata.topic(), headers, failure == null);
      }
    }

    @Override
    public void close() {}
  }
}
