package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Option;

/// `--cursor` of commands whose lists go on.
final class Cursor {
  @Option(
      names = "--cursor",
      paramLabel = "CURSOR",
      description = "Go on where another list ended, which named it.")
  private String place = "";

  /// As a further parameter of a query; empty at the beginning of a list.
  String query() {
    return place.isEmpty() ? "" : "&cursor=" + Api.encoded(place);
  }

  /// Tells how the list goes on; a list that just ends with a page does not know it.
  void tellOfNext(Terminal terminal, JsonNode answer) {
    String next = answer.path("cursor").asText();
    if (!next.isEmpty()) {
      terminal.tell("older ones, if there are: --cursor " + next);
    }
  }
}
