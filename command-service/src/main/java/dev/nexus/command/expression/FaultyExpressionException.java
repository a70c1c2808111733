package dev.nexus.command.expression;

import java.util.List;

/// A text that is no expression, or one of the wrong type.
public final class FaultyExpressionException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Fault> faults;

  /// One thing that is wrong with it.
  ///
  /// @param line of the expression, from 1
  /// @param column of the expression, from 1
  /// @param expected "" where the message says it
  /// @param found "" where the message says it
  /// @param nearest names that may have been meant
  public record Fault(
      int line, int column, String message, String expected, String found, List<String> nearest) {
    public Fault {
      nearest = List.copyOf(nearest);
    }
  }

  FaultyExpressionException(List<Fault> faults) {
    super(String.join("; ", faults.stream().map(Fault::message).toList()));
    this.faults = List.copyOf(faults);
  }

  public List<Fault> faults() {
    return faults;
  }
}
