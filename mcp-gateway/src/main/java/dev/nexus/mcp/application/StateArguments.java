package dev.nexus.mcp.application;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.value.ValueLimits;
import dev.nexus.event.value.ValueRequestEvent;
import dev.nexus.platform.call.RuntimeValues.Terms;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.http.Problem;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// Arguments of a call about a value. What does not fit ends in a `ProblemException` that says
/// where, what was expected and what was found.
record StateArguments(ObjectNode given) {
  static final String KEY = "key";
  static final String VALUE = "value";
  static final String BY = "by";
  static final String TTL = "ttlSeconds";
  static final String EXPECTED = "expectedVersion";

  /// @param known all that the tool takes
  static StateArguments of(ObjectNode given, Set<String> known) {
    given
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                List<String> nearest = NearestNames.of(name, known);
                throw misfit(
                    "/" + name,
                    "no such argument",
                    String.join(", ", known) + NearestNames.advice(nearest),
                    name);
              }
            });
    return new StateArguments(given);
  }

  String key() {
    JsonNode key = given.path(KEY);
    if (!key.isTextual()) {
      throw misfit("/" + KEY, "wrong argument", "the key of a value, a text", found(KEY));
    }
    return key.textValue();
  }

  Json value() {
    if (!given.has(VALUE)) {
      throw misfit("/" + VALUE, "wrong argument", "what is to be kept, any JSON", "none");
    }
    return new Json(CanonicalJson.write(given.get(VALUE)));
  }

  long by() {
    return number(BY, 1, Long.MIN_VALUE, Long.MAX_VALUE, "a whole number of 64 bits");
  }

  Terms terms() {
    long most = ValueLimits.LONGEST_TTL.toSeconds();
    long seconds = number(TTL, 0, 1, most, "whole seconds, 1 to " + most);
    return new Terms(Duration.ofSeconds(seconds), expectedVersion());
  }

  long expectedVersion() {
    return number(
        EXPECTED,
        ValueRequestEvent.ANY_VERSION,
        ValueRequestEvent.ABSENT,
        Long.MAX_VALUE,
        "a version, or 0 for no value");
  }

  /// @param otherwise what it is where none was given, or null
  private long number(String name, long otherwise, long least, long most, String expected) {
    JsonNode number = given.path(name);
    if (number.isMissingNode() || number.isNull()) {
      return otherwise;
    }
    if (!number.isIntegralNumber()
        || !number.canConvertToLong()
        || number.longValue() < least
        || number.longValue() > most) {
      throw misfit("/" + name, "wrong argument", expected, found(name));
    }
    return number.longValue();
  }

  private String found(String name) {
    JsonNode value = given.path(name);
    return value.isMissingNode() ? "none" : value.toString();
  }

  private static RuntimeException misfit(
      String pointer, String detail, String expected, String found) {
    Fault fault = Fault.at(pointer, detail, expected, found);
    return Problem.of(HttpStatus.UNPROCESSABLE_ENTITY, "invalid-input", fault.sentence())
        .with(List.of(fault))
        .exception();
  }
}
