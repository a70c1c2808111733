package dev.nexus.projector.ingress;

import java.util.List;
import java.util.Map;

/// The summary of one outside event as its view holds it. Times are milliseconds since the epoch.
public record EventView(Map<String, String> fields) {
  static final String STATUS = "status";
  static final String EVENT = "eventId";
  static final String APP = "app";
  static final String INTEGRATION = "integrationId";
  static final String SOURCE = "source";
  static final String ID = "sourceEventId";
  static final String TYPE = "type";
  static final String SUBJECT = "subject";
  static final String HAPPENED = "happenedAt";
  static final String ACCEPTED = "acceptedAt";
  static final String VERDICT = "verdictOffset";
  static final String TRIGGERS = "triggers";
  static final String EXECUTIONS = "executions";
  static final String REASON = "reason";
  static final String REMARKED = "remarked";
  static final String FIRST = "firstOffset";

  public boolean exists() {
    return fields.containsKey(STATUS);
  }

  public EventStatus status() {
    return EventStatus.valueOf(fields.getOrDefault(STATUS, EventStatus.PENDING.name()));
  }

  public String eventId() {
    return text(EVENT);
  }

  public String app() {
    return text(APP);
  }

  public String integration() {
    return text(INTEGRATION);
  }

  public String source() {
    return text(SOURCE);
  }

  /// Its id within the source.
  public String sourceEventId() {
    return text(ID);
  }

  public String type() {
    return text(TYPE);
  }

  /// "" when it has none.
  public String subject() {
    return text(SUBJECT);
  }

  public long happenedAt() {
    return number(HAPPENED);
  }

  public long acceptedAt() {
    return number(ACCEPTED);
  }

  /// Where what was decided stands, in the event's own partition; -1 before it was.
  public long verdictOffset() {
    return fields.containsKey(VERDICT) ? number(VERDICT) : -1;
  }

  /// Of a copy, where the first one stands, in the same partition; -1 for all others.
  public long firstOffset() {
    return fields.containsKey(FIRST) ? number(FIRST) : -1;
  }

  public List<String> triggers() {
    return words(TRIGGERS);
  }

  public List<String> executions() {
    return words(EXECUTIONS);
  }

  /// Why it was refused or matched nothing, or what else there is to say, shortened; "" for
  /// nothing.
  public String reason() {
    return text(REASON);
  }

  /// Whether something went wrong with a trigger: not when none is for it, nor when a condition is
  /// not met.
  public boolean remarked() {
    return fields.containsKey(REMARKED);
  }

  private List<String> words(String field) {
    String text = text(field);
    return text.isEmpty() ? List.of() : List.of(text.split(" "));
  }

  private long number(String field) {
    String text = fields.get(field);
    return text == null ? 0 : Long.parseLong(text);
  }

  private String text(String field) {
    return fields.getOrDefault(field, "");
  }
}
