package dev.nexus.readers;

import dev.nexus.rig.PageExamples;
import java.util.List;

/// The examples of `docs/analytics.md`: a block of SQL begins with a comment that names it.
final class Examples {
  private static final PageExamples PAGE = new PageExamples("analytics.md");

  private Examples() {}

  /// All blocks of this name, in order, without a last semicolon.
  static List<String> named(String name) {
    String title = "-- " + name + "\n";
    List<String> found =
        PAGE.examples("sql", title).stream()
            .filter(block -> block.startsWith(title))
            .map(block -> block.substring(title.length()).strip().replaceAll(";$", ""))
            .toList();
    if (found.isEmpty()) {
      throw new AssertionError("analytics.md has no block of SQL named '" + name + "'");
    }
    return found;
  }

  /// The one block for a shell that says this.
  static String shell(String saying) {
    return PAGE.example("bash", saying);
  }
}
