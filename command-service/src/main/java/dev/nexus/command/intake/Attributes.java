package dev.nexus.command.intake;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.format.EventDeserializationException;
import io.cloudevents.rw.CloudEventRWException;
import java.time.DateTimeException;
import java.util.Optional;
import java.util.function.Supplier;

/// What every event must have, whichever way it came.
public final class Attributes {
  private static final String VERSION = "1.0";

  private Attributes() {}

  /// What is wrong with a required attribute; empty when nothing is.
  ///
  /// @param pointer where the event stands
  /// @param found value of the attribute, "" when it is absent
  public static Optional<Refusal> missing(String pointer, String name, String found) {
    boolean version = name.equals("specversion");
    if (version ? found.equals(VERSION) : !found.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Refusal.malformed(
            pointer + "/" + name,
            found.isEmpty() ? "the attribute " + name + " is missing" : "wrong " + name,
            version ? VERSION : "a text",
            found.isEmpty() ? "nothing" : "'" + found + "'"));
  }

  /// The event that `reading` makes, its data checked: what triggers are to read must be JSON.
  public static Arrival arrival(String pointer, Supplier<CloudEvent> reading) {
    try {
      CloudEvent event = reading.get();
      return JsonData.fault(pointer, event)
          .<Arrival>map(Arrival.Illegible::new)
          .orElseGet(() -> new Arrival.Legible(pointer, event));
    } catch (CloudEventRWException
        | EventDeserializationException
        | IllegalArgumentException
        | IllegalStateException
        | DateTimeException e) {
      return new Arrival.Illegible(
          Refusal.malformed(pointer, "no event", "a CloudEvent 1.0", innermost(e)));
    }
  }

  private static String innermost(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse("something else");
  }
}
