package dev.nexus.command.execution;

/// A fact that cannot follow from the state it meets: the log or the code is wrong.
public final class ImpossibleFactException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ImpossibleFactException(String message) {
    super(message);
  }
}
