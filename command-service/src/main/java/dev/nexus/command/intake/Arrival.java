package dev.nexus.command.intake;

import io.cloudevents.CloudEvent;

/// Something that was sent as an event: one, or what keeps it from being one.
public sealed interface Arrival {
  /// An event of this type reports the right output of an earlier one.
  String TRUTH = "dev.nexus.truth";

  /// Whether it asks for something new, which may be refused while too much waits.
  default boolean beginsWork() {
    return this instanceof Legible(_, var event) && !event.getType().equals(TRUTH);
  }

  /// A CloudEvent 1.0 with JSON data; whether it may be sent is another question.
  ///
  /// @param pointer JSON Pointer to it in the body: "", or "/3" in a batch
  record Legible(String pointer, CloudEvent event) implements Arrival {}

  record Illegible(Refusal refusal) implements Arrival {}
}
