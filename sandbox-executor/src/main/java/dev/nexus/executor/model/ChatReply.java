package dev.nexus.executor.model;

import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import java.time.Duration;

/// What came of one call to a model.
public sealed interface ChatReply {
  Usage usage();

  record Answered(String text, Usage usage) implements ChatReply {}

  /// @param retryAfter time the provider asks to wait; zero where it asks nothing
  record Failed(FailureClass failure, String detail, Duration retryAfter, Usage usage)
      implements ChatReply {

    static Failed of(FailureClass failure, String detail) {
      return new Failed(failure, detail, Duration.ZERO, Usage.NONE);
    }
  }
}
