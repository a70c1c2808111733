package dev.nexus.command.definition;

import dev.nexus.event.Json;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.platform.http.Fault;
import java.util.List;

/// What became of the files of an application: a whole version, or every reason against it.
public sealed interface LoadResult {

  /// @param bundle the application as the log carries it
  /// @param digest SHA-256 of the bundle
  /// @param remarks what was accepted and has no effect, or one that its author may not expect
  record Loaded(ApplicationDefinition application, Json bundle, String digest, List<Fault> remarks)
      implements LoadResult {
    public Loaded {
      remarks = List.copyOf(remarks);
    }
  }

  record Refused(List<Fault> faults) implements LoadResult {
    public Refused {
      faults = List.copyOf(faults);
    }
  }
}
