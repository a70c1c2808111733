package dev.nexus.event.task;

import dev.nexus.event.Doc;
import java.time.Duration;

/// What a task cost. Money is in millionths of the price table's currency, an integer.
public record Usage(
    @Doc("Model that answered, as it names itself.") String model,
    @Doc("Tokens read by the model.") long promptTokens,
    @Doc("Tokens written by the model.") long completionTokens,
    @Doc("Cost in millionths of the price table's currency.") long costMicros,
    @Doc("Calls made to the model, repairs included.") int modelCalls,
    @Doc("Time the work itself took, milliseconds.") Duration worked) {

  public static final Usage NONE = new Usage("", 0, 0, 0, 0, Duration.ZERO);

  public static Usage ofTime(Duration worked) {
    return new Usage("", 0, 0, 0, 0, worked);
  }

  /// Tokens read and written.
  public long tokens() {
    return promptTokens + completionTokens;
  }

  public Usage plus(Usage other) {
    return new Usage(
        other.model.isEmpty() ? model : other.model,
        promptTokens + other.promptTokens,
        completionTokens + other.completionTokens,
        costMicros + other.costMicros,
        modelCalls + other.modelCalls,
        worked.plus(other.worked));
  }
}
