package dev.nexus.platform.grant;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Who connects to the brokers. What each of them may do there is in the `GrantTable`.
public enum KafkaUser {
  COMMAND_SERVICE,
  PROJECTOR,
  SANDBOX_EXECUTOR,
  MCP_GATEWAY,
  ORACLE_STREAM,

  /// All services in one process.
  PLATFORM,

  /// A person at the command line, or a program for analytics, who looks at everything and changes
  /// nothing.
  OPERATOR,

  /// A producer of outside events, who is not trusted.
  INTEGRATION;

  /// Each a process of its own.
  public static final List<KafkaUser> SERVICES =
      List.of(COMMAND_SERVICE, PROJECTOR, SANDBOX_EXECUTOR, MCP_GATEWAY, ORACLE_STREAM);

  /// As people write it: `command-service`.
  public String userName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<KafkaUser> named(String userName) {
    return Arrays.stream(values()).filter(user -> user.userName().equals(userName)).findFirst();
  }

  /// Which of them a name on the brokers stands for, whatever was put before it:
  /// `nexus-projector`.
  public static Optional<KafkaUser> ofPrincipal(String name) {
    return Arrays.stream(values())
        .filter(
            user -> name.equals(user.userName()) || name.matches("(?s).*[-._]" + user.userName()))
        .findFirst();
  }
}
