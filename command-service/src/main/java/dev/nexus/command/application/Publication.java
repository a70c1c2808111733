package dev.nexus.command.application;

import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.platform.http.Fault;
import java.util.List;
import java.util.stream.Stream;

/// What became of an attempt to publish a version.
public sealed interface Publication {

  /// The version is the current one, and visible here.
  ///
  /// @param changed false when it was the current one before
  /// @param remarks what was accepted and has no effect, or none yet: sentences for people
  record Published(
      ApplicationDefinition definition,
      String digest,
      String revision,
      boolean changed,
      List<String> remarks)
      implements Publication {
    public Published {
      remarks = List.copyOf(remarks);
    }

    public String appId() {
      return definition.appId();
    }

    /// The same with more to say.
    Published remarking(List<String> more) {
      return new Published(
          definition,
          digest,
          revision,
          changed,
          Stream.concat(remarks.stream(), more.stream()).toList());
    }
  }

  /// The files do not make a version; nothing was changed.
  record Refused(List<Fault> faults) implements Publication {
    public Refused {
      faults = List.copyOf(faults);
    }
  }

  /// Somebody else published meanwhile; nothing was changed.
  ///
  /// @param revision the present revision, "" when there is none
  record Outdated(String revision) implements Publication {}

  /// Something the version claims belongs to another application; nothing was changed.
  record Taken(String detail) implements Publication {}
}
