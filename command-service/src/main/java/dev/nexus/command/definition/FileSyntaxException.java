package dev.nexus.command.definition;

import dev.nexus.command.definition.Located.Mark;

/// A file that is not what its name says.
final class FileSyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Mark mark;

  FileSyntaxException(Mark mark, String message) {
    super(message);
    this.mark = mark;
  }

  Mark mark() {
    return mark;
  }
}
