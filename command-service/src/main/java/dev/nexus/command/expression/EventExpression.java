package dev.nexus.command.expression;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.nexus.command.expression.FaultyExpressionException.Fault;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One expression over an outside event, checked and ready to be evaluated, by several threads if
/// need be. The fields of `event` are known, its data is not.
public final class EventExpression {
  private static final int LONGEST = 10_000;
  private static final int DEEPEST = 100;

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .comprehensionMaxIterations(Budget.ROUNDS)
          .enableHeterogeneousNumericComparisons(true)
          .maxExpressionCodePointSize(LONGEST)
          .maxParseRecursionDepth(DEEPEST)
          .build();
  private static final CelCompiler CONDITIONS = compiler(true);
  private static final CelCompiler VALUES = compiler(false);
  private static final CelRuntime RUNTIME = Budget.runtime(OPTIONS);

  private static final Pattern FIELD = Pattern.compile("\\bevent\\.([A-Za-z_][A-Za-z_0-9]*)");

  private static final Pattern OVERLOADS = Pattern.compile("\\s*\\(candidates: .*", Pattern.DOTALL);

  private final CelRuntime.Program program;

  private EventExpression(CelRuntime.Program program) {
    this.program = program;
  }

  /// One that says yes or no.
  public static EventExpression condition(String text) throws FaultyExpressionException {
    return compile(CONDITIONS, text);
  }

  /// One that gives a value of JSON.
  public static EventExpression value(String text) throws FaultyExpressionException {
    return compile(VALUES, text);
  }

  /// Whether the condition is met.
  public boolean test(EventValues event) throws NotEvaluatedException {
    if (evaluate(event) instanceof Boolean met) {
      return met;
    }
    throw new NotEvaluatedException("true or false expected");
  }

  public JsonNode valueOf(EventValues event) throws NotEvaluatedException {
    return CelJson.toJson(evaluate(event));
  }

  private Object evaluate(EventValues event) throws NotEvaluatedException {
    var variables = event.variables();
    try {
      return Budget.spend(() -> program.eval(variables));
    } catch (CelEvaluationException e) {
      throw new NotEvaluatedException(
          String.valueOf(e.getMessage())
              .replaceFirst("^evaluation error( at <input>:\\d+)?: ", ""));
    }
  }

  private static EventExpression compile(CelCompiler compiler, String text)
      throws FaultyExpressionException {
    CelValidationResult result = compiler.compile(text);
    if (result.hasError()) {
      throw new FaultyExpressionException(
          result.getErrors().stream().map(issue -> fault(issue, text)).distinct().toList());
    }
    try {
      CelAbstractSyntaxTree checked = result.getAst();
      return new EventExpression(RUNTIME.createProgram(checked));
    } catch (CelValidationException | CelEvaluationException e) {
      throw new FaultyExpressionException(
          List.of(new Fault(1, 1, String.valueOf(e.getMessage()), "")));
    }
  }

  /// `event` alone is no variable, so a wrong field is reported as an unknown `event`.
  private static Fault fault(CelIssue issue, String text) {
    int line = issue.getSourceLocation().getLine();
    int column = issue.getSourceLocation().getColumn() + 1;
    String message = issue.getMessage();
    if (message.startsWith("undeclared reference to 'event'")) {
      Matcher field = FIELD.matcher(text);
      while (field.find()) {
        if (!EventValues.FIELDS.contains(field.group())) {
          return new Fault(line, column, "no such field of an event", field.group());
        }
      }
      return new Fault(line, column, "'event' alone has no value", "event");
    }
    return new Fault(line, column, shortened(message), "");
  }

  /// Without what helps nobody: the library lists every overload there is.
  private static String shortened(String message) {
    return OVERLOADS.matcher(message.replace(" (in container '')", "")).replaceFirst("");
  }

  private static CelCompiler compiler(boolean conditions) {
    CelCompilerBuilder builder =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS);
    EventValues.TYPES.forEach(builder::addVar);
    if (conditions) {
      builder.setResultType(SimpleType.BOOL);
    }
    return builder.build();
  }
}
