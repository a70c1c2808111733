package dev.nexus.projector.execution;

import java.util.Map;

/// The summary of one execution as its hash holds it. Times are milliseconds since the epoch.
public record ExecutionView(Map<String, String> fields) {
  static final String APP = "app";
  static final String COMPONENT = "component";
  static final String STATUS = "status";
  static final String SEQUENCE = "sequence";
  static final String ACCEPTED = "acceptedAt";
  static final String BEGAN = "beganAt";
  static final String LINE = "line";
  static final String FINISHED = "finishedAt";
  static final String ORDINAL = "ordinal";
  static final String TIER = "tier";
  static final String OUTPUT = "output";
  static final String TRUTH = "truth";

  public boolean exists() {
    return fields.containsKey(SEQUENCE);
  }

  /// Number of the last fact folded; 0 before the first.
  public long sequence() {
    return number(SEQUENCE);
  }

  public String app() {
    return text(APP);
  }

  public String component() {
    return text(COMPONENT);
  }

  public ExecutionStatus status() {
    String status = text(STATUS);
    return status.isEmpty() ? ExecutionStatus.RUNNING : ExecutionStatus.valueOf(status);
  }

  /// What answers: MODEL, CODE, BUILTIN; NONE until that was chosen.
  public String tier() {
    String tier = text(TIER);
    return tier.isEmpty() ? "NONE" : tier;
  }

  public long acceptedAt() {
    return number(ACCEPTED);
  }

  /// When its turn came; when it was accepted, if it waited for none.
  public long beganAt() {
    return Math.max(number(BEGAN), acceptedAt());
  }

  /// What the executions of its line have in common; "" when it waits for nobody.
  public String line() {
    return text(LINE);
  }

  /// 0 while it runs.
  public long finishedAt() {
    return number(FINISHED);
  }

  /// It was the n-th of its partition to finish; 0 while it runs.
  public long ordinal() {
    return number(ORDINAL);
  }

  /// What was answered; does not exist before it succeeded.
  public Answer output() {
    return Answer.from(fields, OUTPUT);
  }

  /// What should have been answered, once that is known.
  public Answer truth() {
    return Answer.from(fields, TRUTH);
  }

  public long number(String field) {
    String text = fields.get(field);
    return text == null ? 0 : Long.parseLong(text);
  }

  public String text(String field) {
    return fields.getOrDefault(field, "");
  }
}
