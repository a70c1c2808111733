package dev.nexus.command.execution;

import dev.nexus.event.execution.ExecutionEvent;
import java.util.List;

/// What was decided about a command.
public sealed interface Decision {

  /// These facts follow, in this order.
  record Accepted(List<ExecutionEvent> facts) implements Decision {
    public Accepted {
      facts = List.copyOf(facts);
    }

    static Accepted of(ExecutionEvent... facts) {
      return new Accepted(List.of(facts));
    }
  }

  /// The execution has ended; its recorded answer is given again.
  record AnsweredAgain() implements Decision {}

  /// Refused; nothing changes.
  record Rejected(Reason reason, String detail) implements Decision {}

  /// Late or repeated news that changes nothing.
  record Ignored(String why) implements Decision {}

  /// Cannot be: the execution is to be quarantined.
  record Impossible(String why) implements Decision {
    /// The word callers see.
    public static final String CODE = "impossible";
  }

  /// Why a command is refused.
  enum Reason {
    IDEMPOTENCY_KEY_REUSED("idempotency-key-reused"),
    NO_SUCH_EXECUTION("not-found"),
    ALREADY_FINISHED("finished"),
    EXPIRED("idempotency-key-expired"),
    QUARANTINED("quarantined"),
    NOT_QUARANTINED("not-quarantined"),
    LINE_FULL("line-full"),
    TOO_MANY_TRUTHS("too-many-truths");

    private final String code;

    Reason(String code) {
      this.code = code;
    }

    /// The word callers see.
    public String code() {
      return code;
    }
  }
}
