package dev.nexus.standalone;

import dev.nexus.platform.observe.Logs;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/// The program that `./nexus` starts.
public final class Nexus {
  private Nexus() {}

  public static void main(String[] arguments) {
    Logs.off();
    Terminal terminal =
        new Terminal(
            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8),
            System.getenv());
    System.exit(Verbs.run(terminal, arguments));
  }
}
