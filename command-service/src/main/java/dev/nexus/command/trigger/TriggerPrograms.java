package dev.nexus.command.trigger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.expression.EventExpression;
import dev.nexus.command.expression.EventValues;
import dev.nexus.command.expression.FaultyExpressionException;
import dev.nexus.command.expression.NotEvaluatedException;
import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.definition.CanonicalJson;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// The expressions of triggers, compiled once a version.
final class TriggerPrograms {
  private static final int KEPT = 2_000;

  private final Map<String, Program> compiled = new ConcurrentHashMap<>();

  /// The expressions of one trigger.
  ///
  /// @param input the whole input; empty when there is none or fields are given
  record Program(
      Optional<EventExpression> condition,
      Optional<EventExpression> input,
      Map<String, EventExpression> fields,
      Optional<EventExpression> orderBy) {

    boolean accepts(EventValues event) throws NotEvaluatedException {
      return condition.isEmpty() || condition.get().test(event);
    }

    /// What the event has in common with those of its line, as canonical JSON; empty when what it
    /// starts waits for nobody.
    Optional<String> orderedBy(EventValues event) throws NotEvaluatedException {
      return orderBy.isEmpty()
          ? Optional.empty()
          : Optional.of(CanonicalJson.write(orderBy.get().valueOf(event)));
    }

    /// What the trigger makes of the event; its data where it says nothing.
    JsonNode input(EventValues event) throws NotEvaluatedException {
      if (input.isPresent()) {
        return input.get().valueOf(event);
      }
      if (fields.isEmpty()) {
        return event.data();
      }
      ObjectNode made = JsonNodeFactory.instance.objectNode();
      for (var field : fields.entrySet()) {
        made.set(field.getKey(), field.getValue().valueOf(event));
      }
      return made;
    }
  }

  Program of(Triggers.Match match) {
    if (compiled.size() > KEPT) {
      compiled.clear();
    }
    return compiled.computeIfAbsent(
        match.digest() + "/" + match.trigger().triggerId(), _ -> compile(match.trigger()));
  }

  private static Program compile(TriggerDefinition trigger) {
    try {
      Map<String, EventExpression> fields = new TreeMap<>();
      for (var field : trigger.inputFields().entrySet()) {
        fields.put(field.getKey(), EventExpression.value(field.getValue()));
      }
      Optional<EventExpression> condition =
          trigger.condition().isEmpty()
              ? Optional.empty()
              : Optional.of(EventExpression.condition(trigger.condition()));
      return new Program(
          condition, value(trigger.inputExpression()), fields, value(trigger.orderBy()));
    } catch (FaultyExpressionException e) {
      throw new IllegalStateException(
          "the trigger " + trigger.triggerId() + " was published with a faulty expression: " + e,
          e);
    }
  }

  private static Optional<EventExpression> value(String text) throws FaultyExpressionException {
    return text.isEmpty() ? Optional.empty() : Optional.of(EventExpression.value(text));
  }
}
