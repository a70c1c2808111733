package dev.nexus.bench;

import java.io.IOException;
import java.util.Set;

/// An answer of the platform that is not the good one.
final class RefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  /// A key or an application that is not known yet, one that changes, and a limit.
  private static final Set<Integer> PASSING = Set.of(401, 404, 409, 429);

  private final int status;

  RefusedException(int status, String message) {
    super(message);
    this.status = status;
  }

  /// Whether the same would be refused later too.
  boolean isFinal() {
    return status / 100 == 4 && !PASSING.contains(status);
  }
}
