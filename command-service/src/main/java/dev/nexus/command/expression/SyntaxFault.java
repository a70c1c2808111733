package dev.nexus.command.expression;

import dev.cel.common.CelIssue;
import dev.nexus.command.expression.FaultyExpressionException.Fault;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the parser says of a text that is no expression, for its author: the parser lists the
/// tokens of its grammar.
final class SyntaxFault {
  private static final Pattern TOKEN =
      Pattern.compile("token recognition error at: '(.*)'", Pattern.DOTALL);
  private static final Pattern INPUT =
      Pattern.compile("(?:extraneous|mismatched) input '(.*?)' expecting (.*)", Pattern.DOTALL);
  private static final Pattern UNCLEAR =
      Pattern.compile("no viable alternative at input '(.*)'", Pattern.DOTALL);
  private static final Pattern MISSING = Pattern.compile("missing (\\S+) at .*", Pattern.DOTALL);

  private static final Pattern WORD_BEFORE = Pattern.compile("\\b(and|or|not)\\s*$");

  private static final String SIGNS = "=<>!&|";
  private static final String OPERATORS = "one of ==, !=, <, <=, >, >=, &&, ||, !, in";
  private static final String VALUE = "a value, such as event.id, 100 or 'text'";

  /// Operators of other languages.
  private static final Map<String, String> MEANT =
      Map.ofEntries(
          Map.entry("=", "=="),
          Map.entry("===", "=="),
          Map.entry("!==", "!="),
          Map.entry("<>", "!="),
          Map.entry(">>", ">"),
          Map.entry("<<", "<"),
          Map.entry("=>", ">="),
          Map.entry("=<", "<="),
          Map.entry("&", "&&"),
          Map.entry("|", "||"),
          Map.entry("and", "&&"),
          Map.entry("or", "||"),
          Map.entry("not", "!"));

  private SyntaxFault() {}

  /// Empty when it is not about the form of the text.
  static Optional<Fault> of(CelIssue issue, String text) {
    String message = issue.getMessage();
    SourcePosition position = SourcePosition.of(issue, text);
    Matcher token = TOKEN.matcher(message);
    if (token.matches()) {
      return Optional.of(token(position, token.group(1)));
    }
    Matcher input = INPUT.matcher(message);
    if (input.matches()) {
      return Optional.of(input(position, input.group(1), input.group(2)));
    }
    Matcher unclear = UNCLEAR.matcher(message);
    if (unclear.matches()) {
      return Optional.of(position.fault("unexpected", "", "'" + unclear.group(1) + "'", List.of()));
    }
    Matcher missing = MISSING.matcher(message);
    return missing.matches()
        ? Optional.of(position.fault("something is missing", missing.group(1), "", List.of()))
        : Optional.empty();
  }

  private static Fault token(SourcePosition position, String found) {
    if (found.startsWith("'") || found.startsWith("\"")) {
      return position.fault("a text has no end", "another " + found.charAt(0), "", List.of());
    }
    return operator(position)
        .orElseGet(() -> position.fault("unexpected", "", "'" + found.strip() + "'", List.of()));
  }

  private static Fault input(SourcePosition position, String found, String tokens) {
    Optional<Fault> operator = operator(position);
    if (operator.isPresent()) {
      return operator.get();
    }
    if (MEANT.containsKey(found)) {
      return noOperator(position, found);
    }
    Matcher before = WORD_BEFORE.matcher(position.before());
    if (before.find()) {
      return noOperator(position.at(before.start()), before.group(1));
    }
    String expected =
        tokens.contains("NUM_INT")
            ? VALUE
            : tokens.contains("'&&'")
                ? "an operator, such as == or &&, or its end"
                : tokens.replace("<EOF>", "its end");
    return found.equals("<EOF>")
        ? position.fault("it ends too early", expected, "", List.of())
        : position.fault("unexpected", expected, "'" + found + "'", List.of());
  }

  /// Signs around the place that are no operator together.
  private static Optional<Fault> operator(SourcePosition position) {
    String text = position.text();
    int from = position.offset();
    while (from > 0 && SIGNS.indexOf(text.charAt(from - 1)) >= 0) {
      from--;
    }
    int to = position.offset();
    while (to < text.length() && SIGNS.indexOf(text.charAt(to)) >= 0) {
      to++;
    }
    String found = text.substring(from, to);
    return MEANT.containsKey(found)
        ? Optional.of(noOperator(position.at(from), found))
        : Optional.empty();
  }

  private static Fault noOperator(SourcePosition position, String found) {
    String meant = MEANT.getOrDefault(found, "");
    return position.fault("no such operator", OPERATORS, found, List.of(meant));
  }
}
