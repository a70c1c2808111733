package dev.nexus.projector.query;

import dev.nexus.event.ExecutionId;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.http.QueryParameters;
import io.lettuce.core.RedisException;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What can be wrong with a question.
public final class Problems {
  private static final String REBUILDING = "projection-rebuilding";
  private static final Duration SOON = Duration.ofSeconds(1);

  /// As in `nexus.events-0@59`, `0-59` or `0/59`.
  private static final Pattern TWO_NUMBERS = Pattern.compile("(?:.*\\D)?(\\d{1,6})\\D(\\d{1,18})");

  private Problems() {}

  static ProblemException unknown(String what, String name) {
    return Problem.unknown(what, name, List.of()).exception();
  }

  static ProblemException unknown(String what, String name, Collection<String> valid) {
    return Problem.unknown(what, name, valid).exception();
  }

  /// What is not found, where there is more to say than that there is none.
  static ProblemException unfound(String what, String detail) {
    return Problem.of(HttpStatus.NOT_FOUND, "unknown-" + what, detail).exception();
  }

  /// What names no place of an outside event at all.
  static ProblemException place(String text) {
    Matcher numbers = TWO_NUMBERS.matcher(text);
    return named(
        "event",
        text,
        "expected partition@offset, such as 0@12",
        numbers.matches() ? List.of(numbers.group(1) + "@" + numbers.group(2)) : List.of());
  }

  private static ProblemException named(
      String what, String name, String expected, List<String> nearest) {
    return Problem.of(
            HttpStatus.NOT_FOUND,
            "unknown-" + what,
            "no " + what + " '" + name + "': " + expected + NearestNames.advice(nearest))
        .near(nearest)
        .exception();
  }

  /// The canonical form of an execution's id; what is none names nothing.
  static String executionId(String text) {
    try {
      return ExecutionId.parse(text).toString();
    } catch (IllegalArgumentException e) {
      throw named("execution", text, "its id is a UUID, as the invocation answered", List.of());
    }
  }

  static ProblemException invalid(String parameter, String expected, String found) {
    return QueryParameters.invalid(parameter, expected, found);
  }

  public static ProblemException storeSilent(RedisException e) {
    return storeSilent(innermost(e));
  }

  /// What happened, which the client wraps more than once.
  public static String innermost(RedisException e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  static ProblemException storeSilent(String reason) {
    return Problem.of(
            HttpStatus.SERVICE_UNAVAILABLE,
            "projections-unavailable",
            "Redis does not answer (" + reason + "); nothing is lost, try again")
        .retryAfter(SOON)
        .exception();
  }

  /// Redis lost what is asked about, or part of it.
  ///
  /// @param topic name on the brokers of what the projection is folded from
  static ProblemException rebuilding(String topic, long done, long all) {
    long percent = all == 0 ? 0 : done * 100 / all;
    return Problem.of(
            HttpStatus.SERVICE_UNAVAILABLE,
            REBUILDING,
            "Redis lost what was folded from "
                + topic
                + "; it is being folded again: "
                + done
                + " of "
                + all
                + " records ("
                + percent
                + " %). Nothing is lost, try again")
        .with("topic", topic)
        .with("records", Long.toString(done))
        .with("of", Long.toString(all))
        .with("percent", Long.toString(percent))
        .retryAfter(SOON)
        .exception();
  }

  static boolean isRebuilding(ProblemException e) {
    return e.problem().kind().equals(REBUILDING);
  }

  /// Nobody here knows where that would be kept.
  static ProblemException notProjectedYet() {
    return Problem.of(
            HttpStatus.SERVICE_UNAVAILABLE,
            "projections-starting",
            "the projector has not begun to read the log yet; try again")
        .retryAfter(SOON)
        .exception();
  }

  static ProblemException notVisibleYet(String what, long waitedMillis, long lag) {
    return Problem.of(
            HttpStatus.GATEWAY_TIMEOUT,
            "not-visible-yet",
            what
                + " is not visible after "
                + waitedMillis
                + " ms; the projection is "
                + lag
                + " records behind the log, try again")
        .with("lag", Long.toString(lag))
        .exception();
  }
}
