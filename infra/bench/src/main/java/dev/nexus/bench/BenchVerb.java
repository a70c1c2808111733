package dev.nexus.bench;

import dev.nexus.standalone.verb.ContributedVerb;
import dev.nexus.standalone.verb.Terminal;

/// Brings `nexus bench` to the command line.
public final class BenchVerb implements ContributedVerb {
  @Override
  public Object command(Terminal terminal) {
    return new BenchCommand(terminal);
  }
}
