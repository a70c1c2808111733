package dev.nexus.oracle.promotion;

import dev.nexus.event.promotion.PromotionEvent;
import java.util.List;

/// What follows from a command.
public sealed interface Decision {

  record Accepted(List<PromotionEvent> events) implements Decision {
    public Accepted {
      events = List.copyOf(events);
    }
  }

  /// Nothing follows, and why.
  record Rejected(String detail) implements Decision {}

  /// The events, none when rejected.
  default List<PromotionEvent> events() {
    return switch (this) {
      case Accepted(var events) -> events;
      case Rejected _ -> List.of();
    };
  }
}
