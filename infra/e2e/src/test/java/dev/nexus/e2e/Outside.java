package dev.nexus.e2e;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;

/// Events from outside for the component `echo` of the application `kill`.
final class Outside {
  static final String SOURCE = "urn:kill:outside";

  /// Type of those that start it in lines, by `line` of their data.
  static final String ORDERED = "com.example.kill.ordered";

  /// Type of those that start it at once.
  static final String UNORDERED = "com.example.kill.unordered";

  private Outside() {}

  /// The execution that an event starts.
  static String execution(String eventId) {
    return ExecutionId.ofSource(TenantId.DEFAULT, "kill", "echo", SOURCE, eventId).toString();
  }
}
