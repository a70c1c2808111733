package dev.nexus.standalone.demo;

import dev.nexus.standalone.verb.ContributedVerb;
import dev.nexus.standalone.verb.Terminal;

/// Adds `nexus demo` to the commands.
public final class DemoVerb implements ContributedVerb {
  @Override
  public Object command(Terminal terminal) {
    return new DemoCommand(terminal);
  }
}
