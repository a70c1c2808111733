package dev.nexus.standalone.demo;

import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows facts, decisions and evidence from the beginning of the log, as any reader of the log
/// could.
final class LogReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);
  private static final List<Topic> TOPICS =
      List.of(Topic.EXECUTIONS, Topic.PROMOTIONS, Topic.EVIDENCE);

  private final KafkaClients clients;
  private final ExecutionLedger executions;
  private final OracleLedger oracle;
  private final EventCodec<ExecutionEvent> facts =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private final EventCodec<PromotionEvent> promotions =
      EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class);
  private final EventCodec<EvidenceEvent> evidence =
      EventCodec.of(Topic.EVIDENCE, EvidenceEvent.class);
  private final KafkaConsumer<String, byte[]> consumer;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final AtomicReference<@Nullable CountDownLatch> settling = new AtomicReference<>();
  private final Thread thread;

  LogReader(KafkaClients clients, ExecutionLedger executions, OracleLedger oracle) {
    this.clients = clients;
    this.executions = executions;
    this.oracle = oracle;
    this.consumer = clients.assignedConsumer("demo-reader");
    this.thread = Thread.ofPlatform().daemon().name("demo-reader").start(this::run);
  }

  private void run() {
    try (consumer) {
      List<TopicPartition> partitions =
          TOPICS.stream()
              .map(clients::name)
              .flatMap(name -> consumer.partitionsFor(name).stream())
              .flatMap(info -> Stream.of(new TopicPartition(info.topic(), info.partition())))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closing.get()) {
        consumer.poll(Duration.ofMillis(200)).forEach(this::take);
        release();
      }
    } catch (WakeupException e) {
      LOG.debug("reader woken to end", e);
    } catch (RuntimeException e) {
      LOG.error("the demonstration can no longer read the log", e);
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return;
    }
    try {
      if (record.topic().equals(clients.name(Topic.EXECUTIONS))) {
        executions.apply(facts.decode(record.value()));
      } else if (record.topic().equals(clients.name(Topic.PROMOTIONS))) {
        oracle.applyDecision(promotions.decode(record.value()));
      } else {
        oracle.applyEvidence(evidence.decode(record.value()));
      }
    } catch (UnreadableRecordException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("topic", record.topic())
          .addKeyValue("offset", record.offset())
          .log("record passed over");
    }
  }

  /// Waits until what is on the log now has been read.
  void settle() throws InterruptedException {
    var reached = new CountDownLatch(1);
    settling.set(reached);
    if (!reached.await(10, TimeUnit.SECONDS)) {
      LOG.warn("the log was not read to its end within 10 s");
    }
  }

  private void release() {
    CountDownLatch waiting = settling.get();
    if (waiting != null) {
      Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
      if (ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue())) {
        waiting.countDown();
        settling.set(null);
      }
    }
  }

  @Override
  public void close() {
    closing.set(true);
    consumer.wakeup();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
