package dev.nexus.command.expression;

/// A function was not carried out, for what it would cost or as it was asked for nothing that there
/// is. Its message is for the author of the expression.
final class CostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CostException(String message) {
    super(message);
  }
}
