package dev.nexus.wire;

import java.util.Optional;

/// A record that is not what its topic promises; it belongs on the dead letters.
public final class UnreadableRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreadableRecordException(String message) {
    super(message);
  }

  public UnreadableRecordException(String message, Throwable cause) {
    super(message, cause);
  }

  /// Throws one where there is something wrong with a record; `fault` says what.
  public static void refuse(Optional<String> fault) {
    if (fault.isPresent()) {
      throw new UnreadableRecordException(fault.get());
    }
  }
}
