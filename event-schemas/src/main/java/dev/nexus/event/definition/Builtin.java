package dev.nexus.event.definition;

import java.util.Arrays;
import java.util.List;

/// Functions of the platform that a component with the handler type BUILTIN may name.
public enum Builtin {
  /// Gives its input back.
  ECHO("echo"),

  /// Tries code on an input, for the oracle.
  CANDIDATE_EVALUATE("candidate.evaluate"),

  /// Runs a program that the application allows, in a container of its pool.
  EXECUTE_COMMAND("core.linux.executeCommand");

  private final String function;

  Builtin(String function) {
    this.function = function;
  }

  /// As `taskDetails.function` has it.
  public String function() {
    return function;
  }

  public static List<String> functions() {
    return Arrays.stream(values()).map(Builtin::function).toList();
  }
}
