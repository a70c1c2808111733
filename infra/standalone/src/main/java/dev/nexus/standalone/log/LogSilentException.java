package dev.nexus.standalone.log;

import java.time.Duration;

/// A log that has more to give, as its brokers said, and does not give it.
public final class LogSilentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LogSilentException(Duration patience, long read, long of) {
    super(
        "the log has not given a record for %s s; %d of %d were read: look at the brokers"
            .formatted(patience.toSeconds(), read, of));
  }
}
