package dev.nexus.standalone.verb;

import picocli.CommandLine.Option;

/// `--limit` of commands that list.
final class Limit {
  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "At most so many (default: 20).")
  private int most = 20;

  /// As a parameter of a query.
  String query() {
    return "limit=" + most;
  }
}
