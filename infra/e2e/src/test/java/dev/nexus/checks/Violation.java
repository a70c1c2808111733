package dev.nexus.checks;

import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.stream.Collectors;

/// One broken rule at one place, printed so that a terminal or an editor can jump there.
record Violation(String path, int line, String rule) implements Comparable<Violation> {

  static void assertNone(List<Violation> violations) {
    if (!violations.isEmpty()) {
      fail(
          violations.stream()
              .sorted()
              .map(Violation::toString)
              .collect(Collectors.joining("\n", violations.size() + " found\n", "\n")));
    }
  }

  @Override
  public int compareTo(Violation other) {
    int byPath = path.compareTo(other.path);
    return byPath != 0 ? byPath : Integer.compare(line, other.line);
  }

  @Override
  public String toString() {
    return path + ":" + line + ": " + rule;
  }
}
