package dev.nexus.command.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Excerpt;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.NearestNames;
import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.format.EventDeserializationException;
import io.cloudevents.rw.CloudEventRWException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// What every event must have, whichever way it came.
public final class Attributes {
  private static final String VERSION = "1.0";
  private static final int SHOWN = 100;

  /// Attributes that are texts; extensions may be numbers too.
  private static final List<String> TEXTS =
      List.of(
          "specversion",
          "id",
          "source",
          "type",
          "subject",
          "time",
          "datacontenttype",
          "dataschema");

  private static final Set<String> DATA = Set.of("data", "data_base64");
  private static final Pattern NAME = Pattern.compile("[a-z0-9]+");

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
    return arrival(pointer, JsonNodeFactory.instance.objectNode(), reading);
  }

  /// The same, where the attribute that cannot be read is named.
  ///
  /// @param attributes as they were sent
  static Arrival arrival(String pointer, ObjectNode attributes, Supplier<CloudEvent> reading) {
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
          culprit(pointer + "/", attributes)
              .map(Refusal::malformed)
              .orElseGet(
                  () -> Refusal.malformed(pointer, "no event", "a CloudEvent 1.0", innermost(e))));
    }
  }

  /// The attribute for which an event could not be read; empty when it was something else. What
  /// could be read is never asked about, so nothing is refused by this.
  ///
  /// @param prefix stands before the name of an attribute to say where it is
  public static Optional<Fault> culprit(String prefix, ObjectNode event) {
    return event.properties().stream()
        .flatMap(each -> fault(prefix, each.getKey(), each.getValue()).stream())
        .findFirst();
  }

  private static Optional<Fault> fault(String prefix, String name, JsonNode value) {
    if (value.isNull() || DATA.contains(name)) {
      return Optional.empty();
    }
    String place = prefix + name.replace("~", "~0").replace("/", "~1");
    if (!TEXTS.contains(name)) {
      return NAME.matcher(name).matches()
          ? Optional.empty()
          : Optional.of(
              new Fault(
                  place,
                  "",
                  0,
                  0,
                  "wrong name of an attribute",
                  "lower-case letters and digits",
                  "'" + Excerpt.of(name, SHOWN) + "'",
                  NearestNames.of(name, TEXTS)));
    }
    return value.isTextual()
        ? wrongText(name, value.asText())
            .map(expected -> fault(place, name, expected, "'" + value.asText() + "'"))
        : Optional.of(fault(place, name, "a text", value.toString()));
  }

  private static Fault fault(String place, String name, String expected, String found) {
    return Fault.at(place, "wrong " + name, expected, Excerpt.of(found, SHOWN));
  }

  /// What was expected in place of a text that is there.
  private static Optional<String> wrongText(String name, String text) {
    return switch (name) {
      case "specversion" -> unless(() -> SpecVersion.parse(text), VERSION);
      case "time" ->
          unless(() -> OffsetDateTime.parse(text), "a time such as 2026-11-20T10:00:00Z");
      case "source", "dataschema" ->
          unless(() -> URI.create(text), "a URI, such as urn:acme:orders");
      default -> Optional.empty();
    };
  }

  /// What was expected, where `reading` cannot read it.
  private static Optional<String> unless(Supplier<Object> reading, String expected) {
    try {
      return reading.get() == null ? Optional.of(expected) : Optional.empty();
    } catch (IllegalArgumentException | DateTimeException | CloudEventRWException e) {
      return Optional.of(expected);
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
