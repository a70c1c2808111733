package dev.nexus.projector.live;

import dev.nexus.platform.stream.Imprint;
import dev.nexus.projector.live.StreamPosition.Part;
import java.util.HashMap;
import java.util.Map;

/// A position that moves on with each fact, and is copied when somebody asks for it only. For one
/// thread at a time.
final class MovingPosition {
  private final Map<Part, Long> next;
  private final Map<Part, LazyImprint> last = new HashMap<>();

  MovingPosition(StreamPosition from) {
    next = new HashMap<>(from.next());
    from.last().forEach((part, imprint) -> last.put(part, LazyImprint.of(imprint)));
  }

  /// Moves behind a fact that was heard.
  void after(LiveFact fact) {
    next.put(fact.part(), fact.offset() + 1);
    last.put(fact.part(), fact.imprint());
  }

  long of(Part part) {
    return next.getOrDefault(part, 0L);
  }

  StreamPosition now() {
    Map<Part, Imprint> imprints = new HashMap<>();
    last.forEach((part, imprint) -> imprints.put(part, imprint.get()));
    return new StreamPosition(next, imprints);
  }
}
