package dev.nexus.command.expression;

/// An expression has no value for an event: a field is missing, or it would cost too much. The
/// message goes on from the name of the expression: "was not evaluated: …".
public final class NotEvaluatedException extends Exception {
  private static final long serialVersionUID = 1L;

  NotEvaluatedException(String why) {
    super("was not evaluated: " + why);
  }
}
