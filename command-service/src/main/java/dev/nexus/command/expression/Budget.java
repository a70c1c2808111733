package dev.nexus.command.expression;

import dev.cel.common.CelOptions;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.standard.AddOperator.AddOverload;
import dev.cel.runtime.standard.CelStandardOverload;
import dev.cel.runtime.standard.MatchesFunction.MatchesOverload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/// What one evaluation may cost. CEL always ends, but what it makes may double at every step, so
/// joining texts and lists is counted besides the rounds of macros, and regular expressions are
/// bounded.
final class Budget {
  static final int ROUNDS = 10_000;

  /// Characters and list items that `+` may make in one evaluation.
  static final long MADE = 4 << 20;

  private static final ScopedValue<Budget> OF_EVALUATION = ScopedValue.newInstance();
  private static final Set<CelStandardOverload> OURS =
      Set.of(
          AddOverload.ADD_STRING,
          AddOverload.ADD_LIST,
          AddOverload.ADD_BYTES,
          MatchesOverload.MATCHES,
          MatchesOverload.MATCHES_STRING);

  private long left = MADE;

  static CelRuntime runtime(CelOptions options) {
    return CelRuntimeFactory.standardCelRuntimeBuilder()
        .setOptions(options)
        .setStandardEnvironmentEnabled(false)
        .setStandardFunctions(
            CelStandardFunctions.newBuilder()
                .filterFunctions((function, overload) -> !OURS.contains(overload))
                .build())
        .addFunctionBindings(
            CelFunctionBinding.fromOverloads(
                "_+_",
                CelFunctionBinding.from("add_string", String.class, String.class, Budget::joined),
                CelFunctionBinding.from(
                    "add_list", Collection.class, Collection.class, Budget::joined)))
        .addFunctionBindings(
            CelFunctionBinding.fromOverloads(
                "matches",
                CelFunctionBinding.from("matches", String.class, String.class, TextPattern::isIn),
                CelFunctionBinding.from(
                    "matches_string", String.class, String.class, TextPattern::isIn)))
        .build();
  }

  /// Evaluates with a fresh budget.
  static <T, X extends Throwable> T spend(ScopedValue.CallableOp<T, X> evaluation) throws X {
    return ScopedValue.where(OF_EVALUATION, new Budget()).call(evaluation);
  }

  private static String joined(String head, String tail) {
    take((long) head.length() + tail.length());
    return head + tail;
  }

  private static List<Object> joined(Collection<?> head, Collection<?> tail) {
    take((long) head.size() + tail.size());
    List<Object> all = new ArrayList<>(head);
    all.addAll(tail);
    return all;
  }

  private static void take(long made) {
    Budget budget = OF_EVALUATION.get();
    budget.left -= made;
    if (budget.left < 0) {
      throw new CostException("it makes more than " + MADE + " characters and list items");
    }
  }
}
