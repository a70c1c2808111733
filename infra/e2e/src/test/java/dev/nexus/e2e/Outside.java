package dev.nexus.e2e;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;

/// Events from outside for the components of the application `kill`.
final class Outside {
  static final String SOURCE = "urn:kill:outside";

  /// Type of those that start `echo` in lines, by `line` of their data.
  static final String ORDERED = "com.example.kill.ordered";

  /// Type of those that start the prompt `ask` in lines of its own.
  static final String ASKED = "com.example.kill.asked";

  /// Type of those that start `echo` at once.
  static final String UNORDERED = "com.example.kill.unordered";

  private Outside() {}

  /// The execution of `echo` that an event starts.
  static String execution(String eventId) {
    return execution("echo", eventId);
  }

  /// The execution of a component that an event starts.
  static String execution(String component, String eventId) {
    return ExecutionId.ofSource(TenantId.DEFAULT, "kill", component, SOURCE, eventId).toString();
  }
}
