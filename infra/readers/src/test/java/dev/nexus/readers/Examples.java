package dev.nexus.readers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// The statements of `docs/analytics.md`: a block of SQL begins with a comment that names it.
final class Examples {
  private static final Pattern BLOCK =
      Pattern.compile("```sql\n-- ([a-z ]+)\n(.*?)```", Pattern.DOTALL);

  private Examples() {}

  /// All blocks of this name, in order, without a last semicolon.
  static List<String> named(String name) {
    Path page = Path.of(System.getProperty("nexus.root", "../.."), "docs/analytics.md");
    try {
      List<String> found =
          BLOCK
              .matcher(Files.readString(page))
              .results()
              .filter(block -> block.group(1).equals(name))
              .map(block -> block.group(2).strip().replaceAll(";$", ""))
              .toList();
      if (found.isEmpty()) {
        throw new AssertionError(page + " has no block of SQL named '" + name + "'");
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
