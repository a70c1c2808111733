package dev.nexus.standalone.doctor;

/// A question that a service did not answer, with what a person can make of it in one line.
public final class UnansweredException extends Exception {
  private static final long serialVersionUID = 1L;

  public UnansweredException(String why) {
    super(why);
  }

  public UnansweredException(String why, Throwable cause) {
    super(why, cause);
  }
}
