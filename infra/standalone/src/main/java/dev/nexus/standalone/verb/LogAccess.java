package dev.nexus.standalone.verb;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.util.Arrays;
import java.util.List;

/// How commands get at the topics themselves, which is an operator's right.
final class LogAccess {
  private LogAccess() {}

  /// The topic somebody means, with or without `nexus.`.
  static Topic topic(String name) {
    return Topic.named(name)
        .or(() -> Topic.named("nexus." + name))
        .orElseThrow(
            () -> {
              List<String> names = Arrays.stream(Topic.values()).map(Topic::topicName).toList();
              List<String> near = NearestNames.of("nexus." + name, names);
              return new CommandFailedException(
                  "no topic "
                      + name
                      + (near.isEmpty()
                          ? "; there are " + String.join(", ", names)
                          : "; did you mean " + String.join(" or ", near) + "?"));
            });
  }

  /// Clients of the brokers that are set, or of the platform that runs in the data directory.
  static KafkaClients clients(Home home, Terminal terminal) {
    Settings settings = home.settings(terminal);
    if (settings.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)) {
      return new KafkaClients(settings);
    }
    return home.running(terminal)
        .map(
            run ->
                new KafkaClients(
                    settings.with(Setting.KAFKA_BOOTSTRAP_SERVERS, run.addresses().kafka())))
        .orElseThrow(
            () ->
                new CommandFailedException(
                    "no platform runs on "
                        + home.directory(terminal)
                        + ": start it with "
                        + home.command(terminal, "up")
                        + ", or set NEXUS_KAFKA_BOOTSTRAP_SERVERS"));
  }
}
