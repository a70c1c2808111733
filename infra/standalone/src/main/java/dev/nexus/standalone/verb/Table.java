package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Rows of text in columns as wide as they need.
final class Table {
  private final List<String[]> rows = new ArrayList<>();

  Table(String... headings) {
    rows.add(headings);
  }

  void row(String... cells) {
    rows.add(cells);
  }

  /// A row of the values that an item has under these names.
  void row(JsonNode item, String... names) {
    row(Arrays.stream(names).map(name -> item.path(name).asText()).toArray(String[]::new));
  }

  /// Prints the rows under their headings.
  ///
  /// @param empty what to tell when there are none
  void print(Terminal terminal, String empty) {
    int[] widths = new int[rows.getFirst().length];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 2));
      }
      terminal.print(line.toString().stripTrailing());
    }
    if (rows.size() == 1) {
      terminal.tell(empty);
    }
  }

  @Override
  public String toString() {
    return rows.stream().map(Arrays::toString).toList().toString();
  }
}
