package dev.nexus.command.expression;

import dev.cel.common.CelIssue;
import dev.nexus.command.expression.FaultyExpressionException.Fault;
import java.util.List;

/// Where something is wrong in an expression.
///
/// @param offset into the text, from 0
record SourcePosition(String text, int offset) {
  static SourcePosition of(CelIssue issue, String text) {
    int begin = 0;
    for (int line = 1; line < issue.getSourceLocation().getLine(); line++) {
      begin = text.indexOf('\n', begin) + 1;
    }
    int column = Math.max(0, issue.getSourceLocation().getColumn());
    return new SourcePosition(text, Math.min(begin + column, text.length()));
  }

  SourcePosition at(int other) {
    return new SourcePosition(text, other);
  }

  String before() {
    return text.substring(0, offset);
  }

  String rest() {
    return text.substring(offset);
  }

  Fault fault(String message, String expected, String found, List<String> nearest) {
    String before = before();
    int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
    int column = offset - before.lastIndexOf('\n');
    return new Fault(line, column, message, expected, found, nearest);
  }
}
