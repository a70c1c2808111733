package dev.nexus.event.trace;

import dev.nexus.event.Envelope;
import dev.nexus.event.NameIds;
import dev.nexus.event.task.TaskKey;
import java.util.HexFormat;

/// Ids of spans, 16 hexadecimal digits. They derive from what the spans are of: who works on a task
/// knows the id of its span before anybody tells the span.
public final class SpanIds {
  private static final HexFormat HEX = HexFormat.of();

  private SpanIds() {}

  public static String ofExecution(String executionId) {
    return id("execution", executionId);
  }

  /// Of its acceptance by the router.
  public static String ofAcceptance(String executionId) {
    return id("accept", executionId);
  }

  public static String ofTask(String executionId, TaskKey task) {
    return id("task", executionId, task);
  }

  /// Of what an executor does for a task.
  public static String ofWork(String executionId, TaskKey task) {
    return id("work", executionId, task);
  }

  /// Of the calls of a model that are made for a task.
  public static String ofChat(String executionId, TaskKey task) {
    return id("chat", executionId, task);
  }

  /// Of the outside event that the correlation of an envelope began with.
  public static String ofEvent(Envelope envelope) {
    return id("event", envelope.correlationId());
  }

  /// Of a verdict on an outside event that starts nothing. Sent again, the event may be decided
  /// otherwise: each such verdict has a span of its own.
  public static String ofVerdict(Envelope verdict) {
    return id("verdict", verdict.eventId().toString());
  }

  private static String id(String what, String executionId, TaskKey task) {
    return id(
        what,
        executionId,
        Integer.toString(task.step()),
        task.role().name(),
        Integer.toString(task.attempt()));
  }

  private static String id(String what, String... of) {
    String[] parts = new String[of.length + 2];
    parts[0] = "span";
    parts[1] = what;
    System.arraycopy(of, 0, parts, 2, of.length);
    return HEX.toHexDigits(NameIds.uuid5(parts).getMostSignificantBits());
  }
}
