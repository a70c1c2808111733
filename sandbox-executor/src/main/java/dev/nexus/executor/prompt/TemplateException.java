package dev.nexus.executor.prompt;

/// A template that cannot be rendered; the message says where and why.
public final class TemplateException extends Exception {
  private static final long serialVersionUID = 1L;

  public TemplateException(String message) {
    super(message);
  }
}
