package dev.nexus.projector.live;

import dev.nexus.event.Event;
import dev.nexus.projector.live.StreamPosition.Part;
import java.util.Arrays;
import java.util.List;

/// A record of the log on its way to listeners; `component` is "" where none is known.
public record LiveFact(Part part, long offset, String component, Event<?> event) {

  /// Every type there is, in order.
  public static final List<String> TYPES =
      FactReader.TOPICS.stream()
          .flatMap(topic -> Arrays.stream(topic.events().getPermittedSubclasses()))
          .map(Class::getSimpleName)
          .sorted()
          .toList();

  public String type() {
    return event.body().getClass().getSimpleName();
  }
}
