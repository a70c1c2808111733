package dev.nexus.command.expression;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelEvaluationException;
import dev.nexus.event.Excerpt;
import dev.nexus.platform.http.NearestNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Why an expression has no value for an event, for its author: which field held what. The runtime
/// names overloads and offsets.
final class EvaluationFault {
  private static final Pattern SAID =
      Pattern.compile("evaluation error(?: at <input>:(\\d+))?: (.*)", Pattern.DOTALL);
  private static final Pattern FUNCTION = Pattern.compile(".*for function '([^']+)'.*");

  private static final String INDEX = "_[_]";
  private static final int LONGEST_TEXT = 40;

  /// Names of an object among which the nearest is looked for.
  private static final int LOOKED_AT = 200;

  private final CelAbstractSyntaxTree expression;
  private final Map<String, Object> variables;

  private EvaluationFault(CelAbstractSyntaxTree expression, Map<String, Object> variables) {
    this.expression = expression;
    this.variables = variables;
  }

  /// One sentence, without an end.
  static String of(
      CelEvaluationException e, CelAbstractSyntaxTree expression, Map<String, Object> variables) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof CostException) {
        return String.valueOf(cause.getMessage());
      }
    }
    String message = String.valueOf(e.getMessage());
    Matcher said = SAID.matcher(message);
    if (!said.matches() || said.group(1) == null) {
      return said.matches() ? said.group(2) : message;
    }
    return new EvaluationFault(expression, variables)
        .why(e, Integer.parseInt(said.group(1)), said.group(2))
        .orElse(said.group(2));
  }

  private Optional<String> why(CelEvaluationException e, int at, String said) {
    return switch (e.getErrorCode()) {
      case OVERLOAD_NOT_FOUND -> {
        Matcher function = FUNCTION.matcher(said);
        yield function.matches()
            ? call(at, function.group(1)).map(found -> Words.refusal(function.group(1), found))
            : Optional.empty();
      }
      case ATTRIBUTE_NOT_FOUND ->
          find(at, expr -> expr.getKind() == Kind.SELECT)
              .map(expr -> missing(expr.select().operand(), expr.select().field()))
              .or(
                  () ->
                      index(at)
                          .map(
                              call ->
                                  missing(
                                      call.args().get(0),
                                      value(call.args().get(1)).map(String::valueOf).orElse(""))));
      case INDEX_OUT_OF_BOUNDS ->
          index(at)
              .map(
                  call ->
                      described(call.args().get(0)) + " has no item " + name(call.args().get(1)));
      case INVALID_ARGUMENT ->
          said.startsWith("expected boolean value")
              ? find(at, expr -> true).map(expr -> "a boolean expected, found " + described(expr))
              : Optional.empty();
      case BAD_FORMAT ->
          find(at, expr -> expr.getKind() == Kind.CALL)
              .map(
                  expr ->
                      Words.refusal(expr.call().function(), operands(expr.call())) + ": " + said);
      case DIVIDE_BY_ZERO -> Optional.of("a number is divided by 0");
      default -> Optional.empty();
    };
  }

  /// @param field that a value was asked for
  private String missing(CelExpr operand, String field) {
    Object holder = value(operand).orElse(null);
    if (holder != null && !(holder instanceof Map)) {
      return described(operand) + " has no fields, so it has no '" + shown(field) + "'";
    }
    List<String> nearest =
        holder instanceof Map<?, ?> fields
            ? NearestNames.of(
                field, fields.keySet().stream().limit(LOOKED_AT).map(String::valueOf).toList())
            : List.of();
    String name = name(operand);
    return (name.isEmpty() ? "an object" : name)
        + " has no field '"
        + shown(field)
        + "'"
        + (nearest.isEmpty() ? "" : "; did you mean " + String.join(" or ", nearest) + "?");
  }

  private Optional<CelExpr.CelCall> index(int at) {
    return find(at, expr -> expr.getKind() == Kind.CALL && expr.call().function().equals(INDEX))
        .map(CelExpr::call);
  }

  private Optional<List<String>> call(int at, String function) {
    return find(at, expr -> expr.getKind() == Kind.CALL && expr.call().function().equals(function))
        .map(expr -> operands(expr.call()));
  }

  private List<String> operands(CelExpr.CelCall call) {
    List<String> operands = new ArrayList<>();
    call.target().ifPresent(target -> operands.add(described(target)));
    call.args().forEach(arg -> operands.add(described(arg)));
    return operands;
  }

  private Optional<CelExpr> find(int at, Predicate<CelExpr> wanted) {
    Map<Long, Integer> places = expression.getSource().getPositionsMap();
    return CelNavigableAst.fromAst(expression)
        .getRoot()
        .allNodes()
        .map(CelNavigableExpr::expr)
        .filter(expr -> places.getOrDefault(expr.id(), -1) == at)
        .filter(wanted)
        .findFirst();
  }

  /// What it is called, and what it held; of an item of a list that is not known.
  private String described(CelExpr expr) {
    String name = name(expr);
    String kind = value(expr).map(Words::kind).orElse("");
    if (name.isEmpty()) {
      return kind.isEmpty() ? "a value" : kind;
    }
    return kind.isEmpty() ? name : name + " (" + kind + ")";
  }

  /// As its author wrote it; "" of what is made of several.
  private static String name(CelExpr expr) {
    return switch (expr.getKind()) {
      case IDENT -> expr.ident().name().startsWith("@") ? "" : expr.ident().name();
      case SELECT -> {
        String operand = name(expr.select().operand());
        yield operand.isEmpty() ? "" : operand + "." + expr.select().field();
      }
      case CONSTANT -> {
        Object constant = constant(expr.constant());
        String text = constant instanceof String quoted ? "'" + quoted + "'" : constant.toString();
        yield shown(text);
      }
      case CALL -> {
        var call = expr.call();
        String list = call.function().equals(INDEX) ? name(call.args().get(0)) : "";
        yield list.isEmpty() ? "" : list + "[" + name(call.args().get(1)) + "]";
      }
      default -> "";
    };
  }

  private static String shown(String text) {
    return Excerpt.of(text, LONGEST_TEXT);
  }

  private Optional<Object> value(CelExpr expr) {
    return switch (expr.getKind()) {
      case IDENT -> Optional.ofNullable(variables.get(expr.ident().name()));
      case SELECT -> value(expr.select().operand()).flatMap(o -> part(o, expr.select().field()));
      case CONSTANT -> Optional.of(constant(expr.constant()));
      case CALL ->
          expr.call().function().equals(INDEX)
              ? value(expr.call().args().get(0))
                  .flatMap(o -> value(expr.call().args().get(1)).flatMap(key -> part(o, key)))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Object constant(CelConstant constant) {
    return switch (constant.getKind()) {
      case BOOLEAN_VALUE -> constant.booleanValue();
      case INT64_VALUE -> constant.int64Value();
      case UINT64_VALUE -> constant.uint64Value();
      case DOUBLE_VALUE -> constant.doubleValue();
      case STRING_VALUE -> constant.stringValue();
      case BYTES_VALUE -> constant.bytesValue();
      case NULL_VALUE, NOT_SET, DURATION_VALUE, TIMESTAMP_VALUE -> NullValue.NULL_VALUE;
    };
  }

  private static Optional<Object> part(Object whole, Object key) {
    return switch (whole) {
      case Map<?, ?> fields -> Optional.ofNullable(fields.get(key));
      case List<?> items ->
          key instanceof Long at && at >= 0 && at < items.size()
              ? Optional.ofNullable(items.get(at.intValue()))
              : Optional.empty();
      default -> Optional.empty();
    };
  }
}
