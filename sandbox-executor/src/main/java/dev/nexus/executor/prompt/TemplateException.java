package dev.nexus.executor.prompt;

import dev.nexus.event.task.FailureClass;

/// A template that cannot be rendered; the message says where and why.
public final class TemplateException extends Exception {
  private static final long serialVersionUID = 1L;

  private final FailureClass failure;

  public TemplateException(FailureClass failure, String message) {
    super(message);
    this.failure = failure;
  }

  public FailureClass failure() {
    return failure;
  }
}
