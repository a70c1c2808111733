package dev.nexus.platform.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What went wrong with a call, as RFC 9457 problem details.
///
/// @param kind short stable word for machines; the type is `urn:nexus:problem:<kind>`
/// @param detail what happened and what to do, for a person
/// @param errors the single faults, all of them
/// @param nearest names that may have been meant
/// @param extensions further members, such as executionId
/// @param retryAfter time after which the same call may do better; zero when time alone mends
///     nothing
public record Problem(
    HttpStatus status,
    String kind,
    String detail,
    List<Fault> errors,
    List<String> nearest,
    Map<String, JsonNode> extensions,
    Duration retryAfter) {
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final String TYPE = "urn:nexus:problem:";
  private static final Duration LOG_RETRY = Duration.ofSeconds(2);

  public Problem {
    errors = List.copyOf(errors);
    nearest = List.copyOf(nearest);
    extensions = Map.copyOf(extensions);
  }

  public static Problem of(HttpStatus status, String kind, String detail) {
    return new Problem(status, kind, detail, List.of(), List.of(), Map.of(), Duration.ZERO);
  }

  /// Nothing has this name; `valid` are the names that would do.
  public static Problem unknown(String what, String name, java.util.Collection<String> valid) {
    List<String> nearest = NearestNames.of(name, valid);
    return new Problem(
        HttpStatus.NOT_FOUND,
        "unknown-" + what,
        "no " + what + " '" + name + "'" + NearestNames.advice(nearest),
        List.of(),
        nearest,
        Map.of(),
        Duration.ZERO);
  }

  /// Nobody knows what was asked, as the log does not say it.
  public static Problem logSilent() {
    return of(
            HttpStatus.SERVICE_UNAVAILABLE,
            "log-unavailable",
            "the log does not answer now: try again")
        .retryAfter(LOG_RETRY);
  }

  public Problem with(List<Fault> faults) {
    return new Problem(status, kind, detail, faults, nearest, extensions, retryAfter);
  }

  /// @param names that may have been meant
  public Problem near(List<String> names) {
    return new Problem(status, kind, detail, errors, names, extensions, retryAfter);
  }

  public Problem with(String member, String value) {
    Map<String, JsonNode> more = new LinkedHashMap<>(extensions);
    more.put(member, JsonNodeFactory.instance.textNode(value));
    return new Problem(status, kind, detail, errors, nearest, more, retryAfter);
  }

  public Problem retryAfter(Duration time) {
    return new Problem(status, kind, detail, errors, nearest, extensions, time);
  }

  /// The time as HTTP says it: whole seconds, at least one.
  public long retryAfterSeconds() {
    return Math.max(1, retryAfter.plusMillis(999).toSeconds());
  }

  public ProblemException exception() {
    return new ProblemException(this);
  }

  /// `instance` is the path of the call.
  public String toJson(String instance) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("type", TYPE + kind);
    json.put("title", status.getReason());
    json.put("status", status.getCode());
    json.put("detail", detail);
    json.put("instance", instance);
    if (!errors.isEmpty()) {
      var array = json.putArray("errors");
      errors.forEach(fault -> array.add(fault.toJson()));
    }
    if (!nearest.isEmpty()) {
      nearest.forEach(json.putArray("nearest")::add);
    }
    extensions.forEach(json::set);
    return json.toString();
  }
}
