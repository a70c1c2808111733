package dev.nexus.executor.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.el.ext.JinjavaListELResolver;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.interpret.UnknownTokenException;
import dev.nexus.event.Excerpt;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.work.NearestName;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import jinjava.javax.el.ArrayELResolver;
import jinjava.javax.el.CompositeELResolver;
import jinjava.javax.el.MapELResolver;
import org.jspecify.annotations.Nullable;

/// Renders Jinja templates over JSON. A template has no methods, files or includes; what it prints
/// is never rendered again; its time, steps and size are bounded; an unknown name is an error.
/// Safe for use by many threads.
public final class TemplateRenderer {
  private static final ScopedValue<Budget> BUDGET = ScopedValue.newInstance();
  private static final int MAX_OUTPUT = 4 << 20;
  private static final int MAX_STEPS = 100_000;
  private static final Duration MAX_TIME = Duration.ofSeconds(2);
  private static final Duration LONGEST_STEP = Duration.ofMillis(250);

  private final Jinjava jinjava =
      new Jinjava(
          JinjavaConfig.newBuilder()
              .withFailOnUnknownTokens(true)
              .withNestedInterpretationEnabled(false)
              .withMaxOutputSize(MAX_OUTPUT)
              .withMaxStringLength(MAX_OUTPUT)
              .withMaxRenderDepth(20)
              .withRangeLimit(1_000)
              .withMaxListSize(10_000)
              .withMaxMapSize(10_000)
              .withTrimBlocks(true)
              .withLstripBlocks(true)
              .withElResolver(resolver())
              .withProcessors(
                  JinjavaProcessors.newBuilder()
                      .withNodePreProcessor((node, interpreter) -> BUDGET.get().spend())
                      .build())
              .withDisabled(
                  Map.of(
                      Library.TAG,
                      Set.of("include", "import", "from", "extends", "block", "autoescape"),
                      Library.FILTER,
                      Set.of("random", "shuffle"),
                      Library.FUNCTION,
                      Set.of("now", "today", "unixtimestamp")))
              .build());

  private final LongSupplier nanos;

  public TemplateRenderer() {
    this(System::nanoTime);
  }

  /// @param nanos a clock that is never set back
  TemplateRenderer(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /// Steps and time of one rendering. A process that stands still does no work, so one step counts
  /// for a quarter of a second at most.
  private static final class Budget {
    private final LongSupplier nanos;
    private long last;
    private long worked;
    private int steps;

    private Budget(LongSupplier nanos) {
      this.nanos = nanos;
      this.last = nanos.getAsLong();
    }

    void spend() {
      long now = nanos.getAsLong();
      worked += Math.min(now - last, LONGEST_STEP.toNanos());
      last = now;
      steps++;
      overdrawn()
          .ifPresent(
              why -> {
                throw new IllegalStateException(why);
              });
    }

    /// What was too much, if anything. The engine may wrap what `spend` throws in words of its own.
    Optional<String> overdrawn() {
      if (steps > MAX_STEPS) {
        return Optional.of("more than " + MAX_STEPS + " steps");
      }
      return isLate()
          ? Optional.of("more than " + MAX_TIME.toSeconds() + " s of work")
          : Optional.empty();
    }

    boolean isLate() {
      return worked > MAX_TIME.toNanos();
    }
  }

  private static CompositeELResolver resolver() {
    var resolver = new CompositeELResolver();
    resolver.add(new ArrayELResolver(true));
    resolver.add(new JinjavaListELResolver(true));
    resolver.add(new MapELResolver(true));
    resolver.add(new SealedResolver());
    return resolver;
  }

  /// Renders `template` with `input` and its top-level fields as variables.
  public String render(String template, JsonNode input) throws TemplateException {
    Map<String, @Nullable Object> variables = TemplateValues.of(input);
    Budget budget = new Budget(nanos);
    RenderResult result =
        ScopedValue.where(BUDGET, budget).call(() -> jinjava.renderForResult(template, variables));
    for (TemplateError error : result.getErrors()) {
      // Running out of time may be the machine's fault: it is worth another try.
      FailureClass failure =
          budget.isLate() ? FailureClass.TIMEOUT : FailureClass.INVALID_DEFINITION;
      throw new TemplateException(failure, describe(error, variables, budget));
    }
    return result.getOutput();
  }

  private static String describe(
      TemplateError error, Map<String, @Nullable Object> variables, Budget budget) {
    String place = "template line " + Math.max(1, error.getLineno()) + ": ";
    if (error.getException() instanceof UnknownTokenException unknown) {
      String name = unknown.getToken();
      return place
          + "unknown variable '"
          + name
          + "'"
          + NearestName.hint(name, variables.keySet())
          + "; known are "
          + variables.keySet();
    }
    String message = error.getReason() + ": " + error.getMessage();
    return place + budget.overdrawn().orElse(Excerpt.of(message, 300));
  }
}
