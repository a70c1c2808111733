package dev.nexus.command.intake;

import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.NearestNames;
import io.micronaut.http.HttpStatus;
import java.util.Collection;
import java.util.List;

/// Why one event is not taken, whichever way it came.
///
/// @param status what it would be answered with if it stood alone
/// @param kind short stable word for machines, as in `Problem`
public record Refusal(HttpStatus status, String kind, Fault fault) {

  static Refusal malformed(String pointer, String detail, String expected, String found) {
    return malformed(Fault.at(pointer, detail, expected, found));
  }

  static Refusal malformed(Fault fault) {
    return new Refusal(HttpStatus.BAD_REQUEST, "invalid-event", fault);
  }

  public static Refusal wrongData(String pointer, String expected, String found) {
    return new Refusal(
        HttpStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported-data",
        Fault.at(pointer, "wrong data", expected, found));
  }

  static Refusal tooLarge(String pointer, int limit) {
    return new Refusal(
        HttpStatus.REQUEST_ENTITY_TOO_LARGE,
        "event-too-large",
        Fault.at(
            pointer, "the event is too large", "at most " + limit + " bytes with its data", ""));
  }

  static Refusal unregistered(String pointer, String source, Collection<String> known) {
    return unregistered(
        pointer, "the source is not registered", "the source of an integration", source, known);
  }

  /// The source may well be registered, by another integration.
  static Refusal notOfHook(String pointer, String source, String own) {
    return unregistered(
        pointer, "this hook takes events of another source", "'" + own + "'", source, List.of(own));
  }

  private static Refusal unregistered(
      String pointer, String detail, String expected, String source, Collection<String> known) {
    return new Refusal(
        HttpStatus.UNPROCESSABLE_ENTITY,
        "unregistered-source",
        new Fault(
            pointer + "/source",
            "",
            0,
            0,
            detail,
            expected,
            "'" + source + "'",
            NearestNames.of(source, known)));
  }

  static Refusal forbidden(String pointer, String source, String reason) {
    return new Refusal(
        HttpStatus.FORBIDDEN,
        "forbidden",
        Fault.at(pointer + "/source", reason + ", as events of '" + source + "' need", "", ""));
  }
}
