package dev.nexus.executor.code;

/// Runs programs, wherever their home is. A call leaves no state behind. Safe for use by many
/// threads.
public interface CodeRunner {

  /// Runs `handle` of a program on an input. Throws `InterruptedException` when the calling thread
  /// is interrupted; going over a limit is an outcome, as is a home that cannot be had.
  CodeOutcome run(CodeCall call) throws InterruptedException;
}
