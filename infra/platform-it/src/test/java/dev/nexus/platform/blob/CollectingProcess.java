package dev.nexus.platform.blob;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.ShortJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// A process that collects payloads once and ends, unless somebody kills it. Arguments: the
/// settings as NAME=VALUE.
final class CollectingProcess {
  private CollectingProcess() {}

  /// @param output file for what it prints, errors too
  static Process start(Settings settings, Path output) throws IOException {
    List<String> command = ShortJvm.command("512m", CollectingProcess.class);
    for (Setting setting :
        List.of(Setting.DATA_DIR, Setting.KAFKA_BOOTSTRAP_SERVERS, Setting.KAFKA_TOPIC_PREFIX)) {
      command.add(setting.variable() + "=" + settings.text(setting));
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.to(output.toFile()))
        .start();
  }

  public static void main(String[] arguments) throws IOException {
    Map<String, String> named = new HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      named.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    Settings settings = Settings.of(named);
    Clock clock = Clock.systemUTC();
    new PayloadCollector(
            new KafkaClients(settings),
            new Payloads(settings, clock),
            settings,
            clock,
            anHourEachTime())
        .round();
  }

  /// The time of a collector whose first hour is over when it first looks.
  static LongSupplier anHourEachTime() {
    AtomicLong nanos = new AtomicLong();
    return () -> nanos.getAndAdd(Duration.ofHours(1).toNanos());
  }
}
