package dev.nexus.projector.live;

import dev.nexus.event.Event;
import java.util.Optional;

/// Tells which component the execution of a fact belongs to.
public interface Components {
  /// The component, "" when there is none; nothing when the projections have not come to this fact
  /// yet.
  ///
  /// @param offset of the fact in its partition
  Optional<String> of(Event<?> fact, long offset);
}
