package dev.nexus.projector.live;

import dev.nexus.projector.live.StreamPosition.Part;
import java.util.HashMap;
import java.util.Map;

/// A position that moves on with each fact, and is copied when somebody asks for it only. While one
/// thread moves it nobody else may use it; all may read it while nobody moves it.
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
    return StreamPosition.of(next, last);
  }
}
