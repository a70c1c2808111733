package dev.nexus.standalone.verb;

import dev.nexus.platform.grant.KafkaUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Passwords for users of the brokers, by their names there: of a file, or else of variables. They
/// are told to the brokers and to nobody else.
record GrantPasswords(Grants.Whom whom, String file, Map<String, String> environment) {
  Map<String, String> read() {
    return file.isEmpty() ? ofVariables() : ofFile();
  }

  private Map<String, String> ofVariables() {
    Map<String, String> found = new TreeMap<>();
    for (KafkaUser user : whom.users()) {
      String password = environment.getOrDefault(variable(user), "");
      if (!password.isEmpty()) {
        found.put(whom.nameOf(user), password);
      }
    }
    return found;
  }

  private static String variable(KafkaUser user) {
    return "NEXUS_SECRET_KAFKA_" + user.name();
  }

  /// Everything behind the first `=` is the password. What is wrong is named by its line's number:
  /// the line itself may be a password.
  private Map<String, String> ofFile() {
    List<String> known = whom.users().stream().map(whom::nameOf).toList();
    Map<String, String> found = new TreeMap<>();
    int number = 0;
    for (String line : lines()) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals < 1 || equals == line.length() - 1) {
        throw new CommandFailedException(
            file + ", line " + number + ": expected NAME=PASSWORD, such as nexus-projector=...");
      }
      String name = line.substring(0, equals).strip();
      if (!known.contains(name)) {
        throw new CommandFailedException(
            file + ", line " + number + ": is of none of " + String.join(", ", known));
      }
      found.put(name, line.substring(equals + 1));
    }
    return found;
  }

  private List<String> lines() {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      throw new CommandFailedException(file + " cannot be read: " + e, e);
    }
  }
}
