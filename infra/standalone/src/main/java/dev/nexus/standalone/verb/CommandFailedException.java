package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;

/// A command that could not do its work. The message is the one line the person reads; where
/// several things are wrong, each has a line of its own below it.
public final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> details;
  private final transient JsonNode problem;

  public CommandFailedException(String message) {
    super(message);
    this.details = List.of();
    this.problem = NullNode.getInstance();
  }

  public CommandFailedException(String message, Throwable cause) {
    super(message, cause);
    this.details = List.of();
    this.problem = NullNode.getInstance();
  }

  /// @param problem the problem document the API answered with
  CommandFailedException(String message, List<String> details, JsonNode problem) {
    super(message);
    this.details = List.copyOf(details);
    this.problem = problem;
  }

  List<String> details() {
    return details;
  }

  /// JSON null when there is none.
  JsonNode problem() {
    return problem;
  }
}
