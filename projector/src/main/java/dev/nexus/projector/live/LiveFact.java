package dev.nexus.projector.live;

import dev.nexus.event.Event;
import dev.nexus.projector.live.StreamPosition.Part;

/// A record of the log on its way to listeners; `component` is "" where none is known.
public record LiveFact(Part part, long offset, String component, Event<?> event) {

  public String type() {
    return event.body().getClass().getSimpleName();
  }
}
