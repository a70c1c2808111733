package dev.nexus.projector.trace;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.security.Secrets;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.ShortJvm;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// An exporter of traces in a process of its own, which ends when it is killed. Arguments: the
/// settings as NAME=VALUE.
final class ExporterProcess {
  private ExporterProcess() {}

  /// @param output file for what it prints, errors too
  static Process start(Settings settings, Path output) throws IOException {
    List<String> command = ShortJvm.command("256m", ExporterProcess.class);
    for (Setting setting :
        List.of(
            Setting.OTLP_ENDPOINT, Setting.KAFKA_BOOTSTRAP_SERVERS, Setting.KAFKA_TOPIC_PREFIX)) {
      command.add(setting.variable() + "=" + settings.text(setting));
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.to(output.toFile()))
        .start();
  }

  /// Ends it as a power cut would.
  static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      throw new IllegalStateException("process " + process.pid() + " outlives its kill");
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    Map<String, String> named = new HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      named.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    Settings settings = Settings.of(named);
    new TraceExporter(
            OtlpReceiver.of(settings, new Secrets(Map.of(), Path.of("."))),
            new KafkaClients(settings),
            new InstanceId("killed"),
            new SimpleMeterRegistry(),
            Clock.systemUTC())
        .start();
    new CountDownLatch(1).await();
  }
}
