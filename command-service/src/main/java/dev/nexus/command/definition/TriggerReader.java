package dev.nexus.command.definition;

import dev.nexus.command.definition.Located.Fields;
import dev.nexus.command.definition.Located.Mark;
import dev.nexus.command.definition.Located.Scalar;
import dev.nexus.command.expression.EventExpression;
import dev.nexus.command.expression.EventValues;
import dev.nexus.command.expression.FaultyExpressionException;
import dev.nexus.command.expression.FaultyExpressionException.Fault;
import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Reads one trigger: which events it selects, and what its component is given. Expressions are
/// checked here, so that what is published can be evaluated.
final class TriggerReader {
  private static final String EXPRESSION = "an expression (CEL) over " + fields();

  private TriggerReader() {}

  private static String fields() {
    return String.join(", ", EventValues.FIELDS);
  }

  static TriggerDefinition read(FieldReader trigger, List<String> components) {
    String component = trigger.requiredText("component");
    if (!component.isEmpty() && !components.contains(component)) {
      trigger
          .faults()
          .unknown(trigger.mark("component"), "no such component", component, components);
    }
    String condition = trigger.text("condition", "");
    if (!condition.isEmpty()) {
      check(
          () -> EventExpression.condition(condition),
          "condition",
          trigger.mark("condition"),
          trigger.faults());
    }
    Optional<Located> orderBy = trigger.find("orderBy");
    Optional<Located> input = trigger.find("input");
    TriggerDefinition definition =
        new TriggerDefinition(
            trigger.requiredText("triggerId", ApplicationLoader.ID, ApplicationLoader.ID_SHAPE),
            pattern(trigger, "eventType", trigger.requiredText("eventType")),
            pattern(trigger, "source", trigger.text("source", "")),
            pattern(trigger, "subject", trigger.text("subject", "")),
            condition,
            input
                .filter(Scalar.class::isInstance)
                .map(i -> value("input", i, trigger.faults()))
                .orElse(""),
            input
                .filter(i -> !(i instanceof Scalar))
                .map(i -> values(i, trigger.faults()))
                .orElse(Map.of()),
            component,
            orderBy.map(by -> value("orderBy", by, trigger.faults())).orElse(""));
    trigger.finish();
    return definition;
  }

  /// A `*` anywhere but at the end would be taken for itself, which nobody means.
  private static String pattern(FieldReader trigger, String name, String text) {
    int star = text.indexOf('*');
    if (star >= 0 && star < text.length() - 1) {
      trigger
          .faults()
          .add(trigger.mark(name), "wrong " + name, "a text with * at its end only", text);
    }
    return text;
  }

  private static Map<String, String> values(Located input, Faults faults) {
    if (!(input instanceof Fields(_, var fields))) {
      faults.add(
          input.mark(), "wrong input", "an expression, or fields with expressions", input.kind());
      return Map.of();
    }
    Map<String, String> values = new TreeMap<>();
    fields.forEach((name, field) -> values.put(name, value("input", field.value(), faults)));
    return values;
  }

  private static String value(String name, Located expression, Faults faults) {
    if (!(expression instanceof Scalar(_, var scalar)) || scalar.isNull()) {
      faults.add(expression.mark(), "wrong " + name, EXPRESSION, expression.kind());
      return "";
    }
    String text = scalar.asText();
    check(() -> EventExpression.value(text), name, expression.mark(), faults);
    return text;
  }

  private interface Compiling {
    EventExpression compile() throws FaultyExpressionException;
  }

  private static void check(Compiling expression, String name, Mark mark, Faults faults) {
    try {
      expression.compile();
    } catch (FaultyExpressionException e) {
      for (Fault fault : e.faults()) {
        String where =
            "wrong "
                + name
                + ", at character "
                + fault.column()
                + (fault.line() > 1 ? " of its line " + fault.line() : "")
                + ": "
                + fault.message();
        faults.add(mark, where, fault.expected(), fault.found(), fault.nearest());
      }
    }
  }
}
