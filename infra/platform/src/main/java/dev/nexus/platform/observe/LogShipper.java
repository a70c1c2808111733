package dev.nexus.platform.observe;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.nexus.event.Event;
import dev.nexus.event.log.LogEvent;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.BestEffortEvents;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.LoggerFactory;

/// Copies what our own classes log, from INFO up, to `nexus.logs`, for those who read logs from
/// Kafka; the local file has them in any case. It never holds anybody up and never grows: at most
/// `A_SECOND` lines go out a second, and what is too much, or what the broker does not take, is
/// dropped and counted. Nothing it does itself is logged through it.
public final class LogShipper implements NexusService {
  private static final int A_SECOND = 1_000;
  private static final String OURS = "dev.nexus";

  private final EventCodec<LogEvent> codec = EventCodec.of(Topic.LOGS, LogEvent.class);
  private final KafkaClients clients;
  private final String instance;
  private final LogLines lines;
  private final BestEffortEvents sender;
  private final Queueing appender = new Queueing();

  public LogShipper(KafkaClients clients, InstanceId instance, EdgeIds ids) {
    this.clients = clients;
    this.instance = instance.value();
    this.lines = new LogLines(instance.value(), ids);
    this.sender =
        new BestEffortEvents(
            clients,
            instance.value() + "-logs",
            A_SECOND,
            dropped -> Optional.of(record(lines.dropped(dropped))));
  }

  @Override
  public String name() {
    return "log-shipper";
  }

  @Override
  public void start() {
    if (LoggerFactory.getLogger(OURS) instanceof Logger ours) {
      appender.setContext(ours.getLoggerContext());
      appender.setName("nexus-logs");
      appender.start();
      ours.addAppender(appender);
    }
  }

  @Override
  public void awaitReady(Duration patience) {
    // Nobody waits for it.
  }

  @Override
  public boolean healthy() {
    return sender.healthy();
  }

  /// Lines that were dropped.
  long dropped() {
    return sender.dropped();
  }

  /// Takes lines on the threads that log them.
  private final class Queueing extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent line) {
      if (!sender.isSending()) {
        // What the line names may change once its thread goes on.
        line.prepareForDeferredProcessing();
        sender.offer(() -> record(lines.of(line)));
      }
    }
  }

  private ProducerRecord<String, byte[]> record(Event<LogEvent> event) {
    String execution = event.envelope().executionId();
    String key = event.envelope().tenantId() + "/" + (execution.isEmpty() ? instance : execution);
    return EventRecords.of(clients, codec, key, event);
  }

  @Override
  public void close() {
    if (LoggerFactory.getLogger(OURS) instanceof Logger ours) {
      ours.detachAppender(appender);
    }
    appender.stop();
    sender.close();
  }
}
