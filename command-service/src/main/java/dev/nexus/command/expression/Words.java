package dev.nexus.command.expression;

import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Values, types and operators of CEL in the words of people who write JSON.
final class Words {
  private static final Set<String> COMPARISONS = Set.of("<", "<=", ">", ">=", "==", "!=");

  private Words() {}

  /// What kind of value it is.
  static String kind(Object value) {
    return switch (value) {
      case NullValue _ -> "nothing";
      case Boolean _ -> "a boolean";
      case Number _ -> "a number";
      case String _ -> "a text";
      case Instant _ -> "a time";
      case Duration _ -> "a duration";
      case CelByteString _ -> "bytes";
      case List<?> _ -> "a list";
      case Map<?, ?> _ -> "an object";
      default -> "a value of another kind";
    };
  }

  /// A type as the checker writes it, such as `list(dyn)`.
  static String type(String type) {
    String name = type.strip().replaceFirst("\\(.*", "");
    return switch (name) {
      case "bool" -> "a boolean";
      case "int", "uint", "double" -> "a number";
      case "string" -> "a text";
      case "bytes" -> "bytes";
      case "null", "null_type" -> "nothing";
      case "google.protobuf.Timestamp" -> "a time";
      case "google.protobuf.Duration" -> "a duration";
      case "list" -> "a list";
      case "map" -> "an object";
      default -> name.equals("dyn") || name.startsWith("%") ? "anything" : name;
    };
  }

  /// Types with commas between them, which may have commas themselves.
  static List<String> types(String list) {
    return apart(list).stream().map(Words::type).toList();
  }

  /// What stands between the commas that are in no parentheses.
  static List<String> apart(String list) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int begin = 0;
    for (int i = 0; i < list.length(); i++) {
      char c = list.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        parts.add(list.substring(begin, i).strip());
        begin = i + 1;
      }
    }
    if (!list.isBlank()) {
      parts.add(list.substring(begin).strip());
    }
    return parts;
  }

  /// A function as it is written: `_>_` is `>`.
  static String symbol(String function) {
    boolean operator = function.startsWith("_") || function.endsWith("_");
    return function.equals("@in") ? "in" : operator ? function.replace("_", "") : function;
  }

  /// That a function cannot be used on what it is given.
  static String refusal(String function, List<String> given) {
    String symbol = symbol(function);
    return COMPARISONS.contains(symbol) && given.size() == 2
        ? given.get(0) + " cannot be compared with " + given.get(1)
        : "'" + symbol + "' does not take " + String.join(" and ", given);
  }

  static boolean compares(String function) {
    return COMPARISONS.contains(symbol(function));
  }
}
