package dev.nexus.command.expression;

import dev.cel.checker.CelStandardDeclarations.StandardFunction;
import dev.cel.common.CelIssue;
import dev.cel.parser.CelStandardMacro;
import dev.nexus.command.expression.FaultyExpressionException.Fault;
import dev.nexus.platform.http.NearestNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the checker says of an expression, for its author: in plain words, with the nearest name,
/// and each mistake once.
final class ExpressionFaults {
  private static final Pattern UNDECLARED = Pattern.compile("undeclared reference to '([^']*)'.*");
  private static final Pattern OVERLOAD =
      Pattern.compile(
          "found no matching overload for '([^']+)' applied to '([^']*)'"
              + "(?: \\(candidates: (.*)\\))?",
          Pattern.DOTALL);
  private static final Pattern TYPE =
      Pattern.compile("expected type '([^']*)' but found '([^']*)'.*", Pattern.DOTALL);

  private static final Pattern PATH =
      Pattern.compile("[A-Za-z_][A-Za-z_0-9]*(?:\\.[A-Za-z_][A-Za-z_0-9]*)?");
  private static final Pattern FIRST_NAME =
      Pattern.compile("\\(\\s*([A-Za-z_][A-Za-z_0-9]*)\\s*[,)]");

  private static final String FIELDS = "one of " + String.join(", ", EventValues.FIELDS);
  private static final String A_FUNCTION = "a function of CEL, such as size, exists or startsWith";

  /// How macros are used: a wrong number of arguments makes the checker take them for functions.
  private static final Map<String, String> MACROS =
      Map.of(
          "has", "has(event.data.amount)",
          "all", "LIST.all(item, CONDITION)",
          "exists", "LIST.exists(item, CONDITION)",
          "exists_one", "LIST.exists_one(item, CONDITION)",
          "filter", "LIST.filter(item, CONDITION)",
          "map", "LIST.map(item, VALUE)");

  private static final Set<String> FUNCTIONS =
      Stream.concat(
              CelStandardMacro.STANDARD_MACROS.stream().map(CelStandardMacro::getFunction),
              Arrays.stream(StandardFunction.values()).map(StandardFunction::functionName))
          .filter(name -> name.matches("[a-z][A-Za-z_]*"))
          .collect(Collectors.toSet());

  private final String text;
  private final List<Fault> faults = new ArrayList<>();

  /// Names that a macro would have introduced, had it been one.
  private final Set<String> meantAsItems = new HashSet<>();

  private ExpressionFaults(String text) {
    this.text = text;
  }

  static List<Fault> of(List<CelIssue> issues, String text) {
    Optional<Fault> syntax =
        issues.stream().findFirst().flatMap(issue -> SyntaxFault.of(issue, text));
    if (syntax.isPresent()) {
      return List.of(syntax.get()); // what the parser says after that follows from it
    }
    ExpressionFaults all = new ExpressionFaults(text);
    issues.forEach(all::add);
    return all.faults.stream().distinct().toList();
  }

  private void add(CelIssue issue) {
    SourcePosition position = SourcePosition.of(issue, text);
    Matcher undeclared = UNDECLARED.matcher(issue.getMessage());
    Matcher overload = OVERLOAD.matcher(issue.getMessage());
    Matcher type = TYPE.matcher(issue.getMessage());
    if (undeclared.matches()) {
      unknown(position, undeclared.group(1));
    } else if (overload.matches()) {
      String candidates = overload.group(3);
      faults.add(
          unfit(
              position,
              overload.group(1),
              overload.group(2),
              candidates == null ? "" : candidates));
    } else if (type.matches()) {
      String expected = Words.type(type.group(1));
      faults.add(position.fault("wrong result", expected, Words.type(type.group(2)), List.of()));
    } else if (issue.getMessage().startsWith("expression does not select a field")) {
      faults.add(
          position.fault("has() asks for a field", MACROS.getOrDefault("has", ""), "", List.of()));
    } else {
      faults.add(position.fault(issue.getMessage(), "", "", List.of()));
    }
  }

  private void unknown(SourcePosition position, String name) {
    if (position.rest().startsWith("(")) {
      function(position, name);
    } else if (!meantAsItems.contains(name)) {
      faults.add(variable(position, name));
    }
  }

  private void function(SourcePosition position, String name) {
    Matcher item = FIRST_NAME.matcher(position.rest());
    if (item.lookingAt()) {
      meantAsItems.add(item.group(1));
    }
    String form = MACROS.get(name);
    faults.add(
        form == null
            ? position.fault("no such function", A_FUNCTION, name, NearestNames.of(name, FUNCTIONS))
            : position.fault("wrong use of " + name, form, "", List.of()));
  }

  /// `event` alone is no variable, so a wrong field is reported as an unknown `event`.
  private static Fault variable(SourcePosition position, String name) {
    Matcher path = PATH.matcher(position.rest());
    String found = path.lookingAt() ? path.group() : name;
    if (found.equals("event")) {
      return position.fault("'event' alone has no value", FIELDS, found, List.of());
    }
    if (name.equals("event")) {
      return position.fault(
          "no such field of an event", FIELDS, found, NearestNames.of(found, EventValues.FIELDS));
    }
    List<String> nearest = NearestNames.of(found, EventValues.FIELDS);
    if (nearest.isEmpty()) {
      nearest = NearestNames.of(name, List.of("event"));
    }
    return position.fault(
        "no such name",
        nearest.isEmpty()
            ? FIELDS + ", and event.data." + name + " for a field of its data"
            : FIELDS,
        found,
        nearest);
  }

  /// @param given types as the checker writes them: `(string, int)`, or `string.(int)` of a method
  private static Fault unfit(
      SourcePosition position, String function, String given, String candidates) {
    String expected =
        Words.compares(function)
            ? "two of one kind"
            : Words.apart(candidates).stream()
                .map(ExpressionFaults::operands)
                .map(types -> String.join(" and ", types))
                .distinct()
                .collect(Collectors.joining(", or "));
    return position.fault(Words.refusal(function, operands(given)), expected, "", List.of());
  }

  private static List<String> operands(String types) {
    int open = types.startsWith("(") ? 0 : types.indexOf(".(") + 1;
    List<String> words = new ArrayList<>();
    if (open > 0) {
      words.add(Words.type(types.substring(0, open - 1)));
    }
    words.addAll(
        Words.types(types.substring(open + 1, Math.max(open + 1, types.lastIndexOf(')')))));
    return words;
  }
}
