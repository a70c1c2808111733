package dev.nexus.platform.config;

/// A setting that cannot be used; the message says which, what was expected and what was found.
public final class InvalidSettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidSettingException(String message) {
    super(message);
  }
}
