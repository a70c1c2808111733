package dev.nexus.standalone.demo;

import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.scriptedmodel.triage.Delivery;
import dev.nexus.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reports the right answer of each delivery as a CloudEvent on `nexus.ingress`, as an integration
/// that knows nothing but that topic would.
final class TruthReporter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TruthReporter.class);

  private final KafkaProducer<String, byte[]> producer;
  private final String topic;
  private final AtomicLong lost = new AtomicLong();

  TruthReporter(KafkaClients clients) {
    this.producer = clients.producer("demo-corrections");
    this.topic = clients.name(Topic.INGRESS);
  }

  void report(Delivery delivery) {
    String source = delivery.hook().source();
    byte[] data = CanonicalJson.write(delivery.truthData(source)).getBytes(StandardCharsets.UTF_8);
    var record = new ProducerRecord<>(topic, source + "/" + delivery.id(), data);
    header(record, "ce_specversion", "1.0");
    header(record, "ce_id", "truth-" + delivery.id());
    header(record, "ce_source", source);
    header(record, "ce_type", Delivery.TRUTH_TYPE);
    header(record, "content-type", "application/json");
    producer.send(
        record,
        (_, failure) -> {
          if (failure != null) {
            lost.incrementAndGet();
            LOG.warn("a correction was not accepted", failure);
          }
        });
  }

  /// Corrections the broker did not take.
  long lost() {
    return lost.get();
  }

  private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
    record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    producer.close();
  }
}
