package dev.nexus.command.expression;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.CelAbstractSyntaxTree;
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

  private final CelAbstractSyntaxTree checked;
  private final CelRuntime.Program program;

  private EventExpression(CelAbstractSyntaxTree checked, CelRuntime.Program program) {
    this.checked = checked;
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
    Object found = evaluate(event);
    if (found instanceof Boolean met) {
      return met;
    }
    throw new NotEvaluatedException("a boolean expected, found " + Words.kind(found));
  }

  public JsonNode valueOf(EventValues event) throws NotEvaluatedException {
    return CelJson.toJson(evaluate(event));
  }

  private Object evaluate(EventValues event) throws NotEvaluatedException {
    var variables = event.variables();
    try {
      return Budget.spend(() -> program.eval(variables));
    } catch (CelEvaluationException e) {
      throw new NotEvaluatedException(EvaluationFault.of(e, checked, variables));
    }
  }

  private static EventExpression compile(CelCompiler compiler, String text)
      throws FaultyExpressionException {
    CelValidationResult result = compiler.compile(text);
    if (result.hasError()) {
      throw new FaultyExpressionException(ExpressionFaults.of(result.getErrors(), text));
    }
    try {
      CelAbstractSyntaxTree checked = result.getAst();
      return new EventExpression(checked, RUNTIME.createProgram(checked));
    } catch (CelValidationException | CelEvaluationException e) {
      throw new FaultyExpressionException(
          List.of(new Fault(1, 1, String.valueOf(e.getMessage()), "", "", List.of())));
    }
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
