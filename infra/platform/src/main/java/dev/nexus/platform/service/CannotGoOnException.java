package dev.nexus.platform.service;

/// A part of the platform refuses to work until a person has decided or mended something: to go on
/// by itself would lose or repeat what it must not.
public final class CannotGoOnException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String mend;

  /// @param problem what is wrong, and where
  /// @param mend what a person can do
  public CannotGoOnException(String problem, String mend) {
    super(problem + ": " + mend);
    this.problem = problem;
    this.mend = mend;
  }

  public String problem() {
    return problem;
  }

  public String mend() {
    return mend;
  }
}
