package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// A command that asks the API and prints the answer: as it came with `--json`, else in words.
abstract class ApiVerb implements Callable<Integer> {
  final Terminal terminal;

  @Mixin final Api api = new Api();

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  ApiVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  /// Prints the answer where JSON was asked for; false where it is to be put into words.
  final boolean printed(JsonNode answer) {
    if (json) {
      terminal.print(answer);
    }
    return json;
  }

  /// Whether JSON was asked for.
  final boolean inJson() {
    return json;
  }
}
