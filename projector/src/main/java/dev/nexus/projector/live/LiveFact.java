package dev.nexus.projector.live;

import dev.nexus.event.Event;
import dev.nexus.projector.live.StreamPosition.Part;
import java.util.Arrays;
import java.util.List;

/// A record of the log on its way to listeners.
///
/// @param imprint of its record
/// @param component "" where none is known
/// @param bytes as which it stands on the log
/// @param doubt why it could not be told which component it is about; "" when it could
public record LiveFact(
    Part part, LazyImprint imprint, int bytes, String component, String doubt, Event<?> event) {

  /// Every type there is, in order.
  public static final List<String> TYPES =
      FactReader.TOPICS.stream()
          .flatMap(topic -> Arrays.stream(topic.events().getPermittedSubclasses()))
          .map(Class::getSimpleName)
          .sorted()
          .toList();

  public long offset() {
    return imprint.offset();
  }

  public String type() {
    return event.body().getClass().getSimpleName();
  }
}
