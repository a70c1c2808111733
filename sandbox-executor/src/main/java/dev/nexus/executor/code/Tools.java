package dev.nexus.executor.code;

import java.time.Duration;

/// The tools of an application, for its code: every message of MCP that code sends goes this way,
/// in whatever home it runs.
public interface Tools {
  /// There are none.
  Tools NONE = (_, _, _, _) -> new Reply(503, new byte[0]);

  /// Larger messages are not taken, bytes.
  int LARGEST_MESSAGE = 1 << 20;

  /// How code is told, in a ToolError, of a tool that did not answer in its time.
  String LATE = "no answer within ";

  /// Whether code that failed with these words did so for a tool that was late: done once more, it
  /// may have the answer. Code that says so without need fools nobody but its own application.
  static boolean isLate(String words) {
    return words.startsWith("ToolError: " + LATE);
  }

  /// An answer, as HTTP gives it.
  ///
  /// @param body of MCP, or a problem in JSON; may be empty
  record Reply(int status, byte[] body) {}

  /// Sends one message on behalf of a call of code, whose component was granted tools, and waits
  /// for the answer. That nobody answers is an answer, too.
  ///
  /// @param asked what the call has asked before; it is added to
  /// @param patience how long the answer may take
  Reply send(CodeCall by, Asked asked, byte[] message, Duration patience)
      throws InterruptedException;
}
