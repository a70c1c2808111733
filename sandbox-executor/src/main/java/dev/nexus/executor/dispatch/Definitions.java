package dev.nexus.executor.dispatch;

import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.executor.work.AssignedTask;
import java.util.Optional;

/// Published applications, by the digest a task names.
public interface Definitions {

  /// The application version of a task, if it is known now.
  Optional<ApplicationDefinition> known(AssignedTask task);

  /// The application version of a task; waits a bounded time for it to be published.
  Optional<ApplicationDefinition> awaited(AssignedTask task) throws InterruptedException;
}
