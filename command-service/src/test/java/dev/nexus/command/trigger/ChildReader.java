package dev.nexus.command.trigger;

import dev.nexus.command.ChildProcess;
import dev.nexus.command.access.Integrations;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.admission.BacklogView;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// A reader of `nexus.ingress` in a process of its own, which can run out of memory like one.
final class ChildReader implements AutoCloseable {
  private final Process process;
  private final CompletableFuture<String> said;

  private ChildReader(Process process) {
    this.process = process;
    this.said =
        CompletableFuture.supplyAsync(
            () -> process.inputReader().lines().collect(Collectors.joining("\n")),
            task -> Thread.ofVirtual().start(task));
  }

  /// @param options of its JVM
  /// @param settings name the brokers and the topics
  /// @param data where large contents go
  static ChildReader start(List<String> options, Settings settings, Path data) throws IOException {
    return new ChildReader(
        ChildProcess.start(
            options,
            ChildReader.class,
            settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS),
            settings.text(Setting.KAFKA_TOPIC_PREFIX),
            data.toString()));
  }

  /// Arguments: bootstrap servers, topic prefix, data directory.
  public static void main(String[] args) throws InterruptedException {
    Clock clock = Clock.systemUTC();
    KafkaClients clients = new KafkaClients(Map.of("bootstrap.servers", args[0]), args[1]);
    EventProducer producer = new EventProducer(clients, "child");
    DeadLetters deadLetters = new DeadLetters(producer, "trigger", clock);
    Integrations integrations = new Integrations(clients, producer, deadLetters, clock);
    integrations.start();
    var backlog = new BacklogView(IngressStage.LIMIT, () -> 0);
    var parts =
        new IngressReader.Parts(
            clients,
            producer,
            deadLetters,
            integrations,
            Definitions.payloads(Path.of(args[2])),
            Admission.of(
                Settings.of(Map.of()), backlog, Optional::empty, new SimpleMeterRegistry()));
    new IngressReader(parts, new InstanceId("child"), clock).start();
    new CountDownLatch(1).await();
  }

  boolean runs() {
    return process.isAlive();
  }

  /// Waits until it has ended by itself; how.
  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      throw new IllegalStateException("it still runs");
    }
    return process.exitValue();
  }

  /// What it printed until it ended.
  String said() {
    return said.join();
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
