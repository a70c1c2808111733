package dev.nexus.platform.call;

import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.Problem;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.List;

/// What a call may ask for, the same at every edge.
public final class CallLimits {
  /// How long an answer is awaited when the caller does not say.
  public static final Duration WAIT = Duration.ofSeconds(30);

  public static final Duration LONGEST_WAIT = Duration.ofMinutes(9);

  /// Longest time a caller may give an execution.
  public static final Duration LONGEST_TIMEOUT = Duration.ofHours(24);

  private static final int LONGEST_KEY = 255;

  private CallLimits() {}

  /// The idempotency key, when it may be one; else a `ProblemException`.
  static String idempotencyKey(String key) {
    if (key.isBlank() || key.length() > LONGEST_KEY) {
      Fault fault =
          Fault.at(
              "",
              "wrong Idempotency-Key",
              "1 to " + LONGEST_KEY + " characters",
              key.isEmpty()
                  ? "none"
                  : key.isBlank() ? "white space" : key.length() + " characters");
      throw Problem.of(HttpStatus.BAD_REQUEST, "invalid-request", fault.sentence())
          .with(List.of(fault))
          .exception();
    }
    return key;
  }
}
