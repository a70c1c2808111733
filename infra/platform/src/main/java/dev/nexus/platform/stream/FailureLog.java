package dev.nexus.platform.stream;

import dev.nexus.platform.service.CannotGoOnException;
import java.io.IOException;
import java.time.Duration;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;

/// Says why something is tried again and again. What only a person can mend needs no stack trace:
/// it is said at once, and then once a minute while it lasts.
public final class FailureLog {
  private static final Duration REFUSALS_EVERY = Duration.ofMinutes(1);

  private final Logger log;
  private String refusal = "";
  private long saidAt;

  public FailureLog(Logger log) {
    this.log = log;
  }

  /// @param then what is done about a failure that may pass by itself
  void tell(Throwable failure, String then, String group, Object where) {
    var line = log.atError().addKeyValue("group", group).addKeyValue("partition", where);
    if (!(failure instanceof CannotGoOnException)) {
      refusal = "";
      line.setCause(failure).log(then);
      return;
    }
    String reason = String.valueOf(failure.getMessage());
    if (isDue(reason)) {
      line.addKeyValue("reason", reason).log("nothing is done until this is mended");
    }
  }

  /// What does not stop the work, and does not pass by itself.
  ///
  /// @param then what is not known or done meanwhile
  public void warn(Throwable failure, String then) {
    boolean foreseen = failure instanceof IOException || failure instanceof KafkaException;
    String reason = String.valueOf(foreseen ? failure.getMessage() : failure);
    if (isDue(reason)) {
      var line = log.atWarn().addKeyValue("reason", reason);
      (foreseen ? line : line.setCause(failure)).log(then);
    }
  }

  private boolean isDue(String reason) {
    long now = System.nanoTime();
    if (reason.equals(refusal) && now - saidAt < REFUSALS_EVERY.toNanos()) {
      return false;
    }
    refusal = reason;
    saidAt = now;
    return true;
  }
}
