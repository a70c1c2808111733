package dev.nexus.platform.observe;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Excerpt;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.log.LogEvent;
import dev.nexus.event.log.LogEvent.LineLogged;
import dev.nexus.event.log.LogEvent.LinesDropped;
import dev.nexus.platform.service.EdgeIds;
import java.time.Instant;
import java.util.Optional;

/// Log lines as events. Long texts are cut: a record of a line is small, whatever is in it.
final class LogLines {
  private static final int LONGEST_MESSAGE = 8_192;
  private static final int LONGEST_TRACE = 16_384;
  private static final int LONGEST_DETAIL = 1_024;

  private final String instance;
  private final EdgeIds ids;

  LogLines(String instance, EdgeIds ids) {
    this.instance = instance;
    this.ids = ids;
  }

  Event<LogEvent> of(ILoggingEvent line) {
    ObjectNode details = JsonNodeFactory.instance.objectNode();
    Optional<ExecutionId> execution = Optional.empty();
    if (line.getKeyValuePairs() != null) {
      for (var pair : line.getKeyValuePairs()) {
        String value = String.valueOf(pair.value);
        details.put(pair.key, Excerpt.of(value, LONGEST_DETAIL));
        if (pair.key.equals("execution")) {
          execution = execution(value);
        }
      }
    }
    String trace =
        line.getThrowableProxy() == null
            ? ""
            : Excerpt.of(ThrowableProxyUtil.asString(line.getThrowableProxy()), LONGEST_TRACE);
    var body =
        new LineLogged(
            line.getLevel().toString(),
            line.getLoggerName(),
            instance,
            line.getThreadName(),
            Excerpt.of(String.valueOf(line.getFormattedMessage()), LONGEST_MESSAGE),
            new Json(details.toString()),
            trace);
    Envelope envelope = envelope(line.getInstant());
    return new Event<>(execution.map(envelope::withExecution).orElse(envelope), body);
  }

  Event<LogEvent> dropped(long lines) {
    return new Event<>(envelope(Instant.now()), new LinesDropped(instance, lines));
  }

  private Envelope envelope(Instant at) {
    return Envelope.of(ids.next(), at, TenantId.DEFAULT, "", "service:" + instance);
  }

  private static Optional<ExecutionId> execution(String text) {
    try {
      return Optional.of(ExecutionId.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
