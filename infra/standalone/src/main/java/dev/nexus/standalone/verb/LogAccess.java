package dev.nexus.standalone.verb;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.standalone.log.TopicReading;
import dev.nexus.standalone.log.TopicReading.From;
import dev.nexus.standalone.run.RunFile;
import dev.nexus.topic.Topic;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// How commands get at the topics themselves, which is an operator's right: those of the platform
/// that runs on the data directory, by what that runs with, or else of the brokers that this shell
/// names.
final class LogAccess {
  private static final String READER = "nexus-cli";

  private final Settings settings;
  private final KafkaClients clients;

  private LogAccess(Settings settings) {
    this.settings = settings;
    this.clients = new KafkaClients(settings);
  }

  /// The topic somebody means, with or without `nexus.`.
  static Topic topic(String name) {
    return Topic.named(name)
        .or(() -> Topic.shortNamed(name))
        .orElseThrow(
            () -> {
              List<String> names = Arrays.stream(Topic.values()).map(Topic::topicName).toList();
              List<String> near = NearestNames.of(Topic.PREFIX + name, names);
              return new CommandFailedException(
                  "no topic "
                      + name
                      + (near.isEmpty()
                          ? "; there are " + String.join(", ", names)
                          : "; did you mean " + String.join(" or ", near) + "?"));
            });
  }

  static LogAccess of(Home home, Terminal terminal) {
    Settings shell = home.settings(terminal);
    Optional<RunFile> run = home.running(terminal);
    Settings reached = RunFile.reached(run, shell);
    if (!reached.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)) {
      throw new CommandFailedException(
          home.absence(
              terminal,
              ": start it with "
                  + home.command(terminal, "up")
                  + ", name another with --data, or set "
                  + Setting.KAFKA_BOOTSTRAP_SERVERS.variable()));
    }
    for (Setting setting : List.of(Setting.KAFKA_BOOTSTRAP_SERVERS, Setting.KAFKA_TOPIC_PREFIX)) {
      if (shell.isGiven(setting) && !shell.text(setting).equals(reached.text(setting))) {
        terminal.tell(
            "note: this reads the platform that runs on "
                + home.directory(terminal)
                + ", where "
                + setting.variable()
                + " is '"
                + reached.text(setting)
                + "' and not '"
                + shell.text(setting)
                + "' as here; --data names another directory");
      }
    }
    return new LogAccess(reached);
  }

  /// Name of a topic on the brokers.
  String name(Topic topic) {
    return clients.name(topic);
  }

  /// A topic as it ends now.
  TopicReading read(Topic topic, From from) {
    try (Admin admin = clients.impatientAdmin()) {
      return TopicReading.of(clients, admin, topic, from, READER, TopicReading.PATIENCE);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UnknownTopicOrPartitionException
          ? missing(topic, e)
          : silent(topic, e.getCause() == null ? e : e.getCause());
    } catch (KafkaException e) {
      throw silent(topic, e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted", e);
    }
  }

  private CommandFailedException missing(Topic topic, Exception cause) {
    return new CommandFailedException(
        "the brokers at "
            + settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS)
            + " have no topic "
            + name(topic)
            + ": start Nexus to create it, or correct "
            + Setting.KAFKA_TOPIC_PREFIX.variable(),
        cause);
  }

  private CommandFailedException silent(Topic topic, Throwable cause) {
    return new CommandFailedException(
        "the brokers at "
            + settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS)
            + " do not give "
            + name(topic)
            + ": "
            + cause.getMessage(),
        cause);
  }
}
