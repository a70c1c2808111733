package dev.nexus.executor.command;

import dev.nexus.executor.work.AssignedTask;

/// Keeps what was refused, for whoever looks into it later.
public interface CommandDenials {

  /// Returns when it is kept, so that nothing is refused unseen; throws
  /// `RequestNotAcceptedException` where it cannot be.
  void denied(AssignedTask task, String command);
}
