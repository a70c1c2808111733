package dev.nexus.platform.http;

import io.micronaut.http.HttpStatus;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Parameters of a query, read in one way everywhere: what is wrong ends in a 400 that says what
/// was expected and what was found. Nothing wrong is ever ignored.
public final class QueryParameters {
  private QueryParameters() {}

  /// A whole number from 1 to `most`; `absent` where it was left out.
  public static long number(String name, Optional<String> text, long absent, long most) {
    if (text.isEmpty()) {
      return absent;
    }
    long number = text.get().matches("\\d{1,18}") ? Long.parseLong(text.get()) : 0;
    if (number < 1 || number > most) {
      throw invalid(name, "1 to " + most, text.get());
    }
    return number;
  }

  /// How many of a list are asked for, 1 to `most`; `absent` where it was left out.
  public static int limit(Optional<String> text, int absent, int most) {
    return (int) number("limit", text, absent, most);
  }

  /// True or false; empty where it was left out.
  public static Optional<Boolean> flag(String name, Optional<String> text) {
    return text.map(
        value ->
            switch (value) {
              case "true" -> true;
              case "false" -> false;
              default -> throw invalid(name, "true or false", value);
            });
  }

  /// Every parameter of a request must be one of `valid`.
  public static void requireKnown(Collection<String> found, Collection<String> valid) {
    for (String name : found) {
      if (!valid.contains(name)) {
        List<String> nearest = NearestNames.of(name, valid);
        throw Problem.of(
                HttpStatus.BAD_REQUEST,
                "unknown-parameter",
                "no parameter '"
                    + name
                    + "' here: expected "
                    + (valid.isEmpty() ? "none" : String.join(", ", valid))
                    + NearestNames.advice(nearest))
            .near(nearest)
            .exception();
      }
    }
  }

  /// The refusal of a word that is none of `valid`, with those that may have been meant.
  public static ProblemException noneOf(String name, Collection<String> valid, String found) {
    List<String> nearest = NearestNames.of(found, valid);
    return Problem.of(
            HttpStatus.BAD_REQUEST,
            "invalid-parameter",
            name
                + ": expected one of "
                + String.join(", ", valid)
                + ", found '"
                + found
                + "'"
                + NearestNames.advice(nearest))
        .near(nearest)
        .exception();
  }

  public static ProblemException invalid(String name, String expected, String found) {
    return Problem.of(
            HttpStatus.BAD_REQUEST,
            "invalid-parameter",
            name + ": expected " + expected + ", found '" + found + "'")
        .exception();
  }
}
