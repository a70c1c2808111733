package dev.nexus.command.expression;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.Outside;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An outside event as expressions see it: the variables `event.…`. Not for several threads.
public final class EventValues {
  static final String NAME = "event.";

  /// Larger data is not looked into, as an evaluation may copy it.
  private static final int LARGEST_DATA = 256 << 10;

  /// Variables and their types; the checker takes each dotted name as one.
  static final Map<String, CelType> TYPES =
      Map.of(
          NAME + "id", SimpleType.STRING,
          NAME + "source", SimpleType.STRING,
          NAME + "type", SimpleType.STRING,
          NAME + "subject", SimpleType.STRING,
          NAME + "time", SimpleType.TIMESTAMP,
          NAME + "data", SimpleType.DYN);

  /// Fields of `event`, for people.
  public static final List<String> FIELDS = TYPES.keySet().stream().sorted().toList();

  private final EventAccepted event;
  private final JsonNode data;
  private @Nullable Map<String, Object> variables;

  public EventValues(EventAccepted event) {
    this.event = event;
    this.data = CanonicalJson.read(event.data());
  }

  public JsonNode data() {
    return data;
  }

  Map<String, Object> variables() throws NotEvaluatedException {
    Map<String, Object> known = variables;
    if (known == null) {
      int size = event.data().text().length();
      if (size > LARGEST_DATA) {
        throw new NotEvaluatedException(
            "its data has " + size + " characters, expressions read at most " + LARGEST_DATA);
      }
      Outside outside = event.outside();
      known =
          Map.of(
              NAME + "id", outside.sourceEventId(),
              NAME + "source", outside.source(),
              NAME + "type", outside.type(),
              NAME + "subject", outside.subject(),
              NAME + "time", outside.happenedAt(),
              NAME + "data", CelJson.fromJson(data));
      variables = known;
    }
    return known;
  }
}
