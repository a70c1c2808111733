package dev.nexus.projector.execution;

import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.CanonicalJson;
import java.util.Map;

/// The summary of one execution as its hash holds it. Times are milliseconds since the epoch.
public record ExecutionView(Map<String, String> fields) {
  static final String APP = "app";
  static final String COMPONENT = "component";
  static final String STATUS = "status";
  static final String SEQUENCE = "sequence";
  static final String ACCEPTED = "acceptedAt";
  static final String FINISHED = "finishedAt";
  static final String ORDINAL = "ordinal";
  static final String TIER = "tier";
  static final String OUTPUT = "output";
  static final String OUTPUT_FINGERPRINT = "outputFingerprint";
  static final String TRUTH_FINGERPRINT = "truthFingerprint";

  /// Longer outputs are kept as fingerprint only; the facts have them whole.
  static final int LARGEST_OUTPUT = 4 * 1024;

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

  /// 0 while it runs.
  public long finishedAt() {
    return number(FINISHED);
  }

  /// It was the n-th of its partition to finish; 0 while it runs.
  public long ordinal() {
    return number(ORDINAL);
  }

  /// Fingerprint of the canonical output; "" before there is one.
  public String outputFingerprint() {
    String output = text(OUTPUT);
    return output.isEmpty() ? text(OUTPUT_FINGERPRINT) : fingerprint(output);
  }

  /// Fingerprint of the canonical right output, once it is known.
  public String truthFingerprint() {
    return text(TRUTH_FINGERPRINT);
  }

  /// Equal values have equal fingerprints; text that is no JSON has that of its characters.
  public static String fingerprintOf(Json value) {
    return fingerprint(value.text());
  }

  static String fingerprint(String json) {
    try {
      return CanonicalJson.fingerprint(new Json(json));
    } catch (IllegalArgumentException e) {
      return NameIds.sha256(json);
    }
  }

  public long number(String field) {
    String text = fields.get(field);
    return text == null ? 0 : Long.parseLong(text);
  }

  public String text(String field) {
    return fields.getOrDefault(field, "");
  }
}
