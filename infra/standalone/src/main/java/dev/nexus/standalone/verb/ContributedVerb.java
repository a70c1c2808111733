package dev.nexus.standalone.verb;

/// A command from another module, found by `ServiceLoader` when that module is on the class path.
public interface ContributedVerb {
  /// An object with picocli's `@Command`.
  Object command(Terminal terminal);
}
