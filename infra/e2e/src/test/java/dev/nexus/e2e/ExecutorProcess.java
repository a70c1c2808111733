package dev.nexus.e2e;

import dev.nexus.event.task.Tier;
import dev.nexus.executor.Executor;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.Work;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.ShortJvm;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// An executor that serves the model lane alone, here or in a process of its own.
final class ExecutorProcess {
  /// Its tasks are begun and never end.
  private static final class Endless implements Work {
    @Override
    public WorkResult perform(AssignedTask task) throws InterruptedException {
      new CountDownLatch(1).await();
      throw new IllegalStateException("nothing opens the latch");
    }

    @Override
    public boolean isInstant(AssignedTask task) {
      return false;
    }

    @Override
    public Tier tier(AssignedTask task) {
      return Tier.MODEL;
    }
  }

  private ExecutorProcess() {}

  public static void main(String[] arguments) throws InterruptedException {
    open(arguments[0], "endless", new Endless());
    new CountDownLatch(1).await();
  }

  /// A process that begins tasks and never ends one.
  static Process endless(String bootstrapServers, File log) throws IOException {
    List<String> command = ShortJvm.command("512m", ExecutorProcess.class);
    command.add(bootstrapServers);
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
  }

  /// Ends it as a power cut would.
  static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      throw new IllegalStateException("process " + process.pid() + " outlives its kill");
    }
  }

  /// An executor in this process.
  static AutoCloseable open(String bootstrapServers, String instance, Work work) {
    Settings settings =
        Settings.of(Map.of(Setting.KAFKA_BOOTSTRAP_SERVERS.variable(), bootstrapServers));
    var clients = new KafkaClients(settings);
    var producer = new EventProducer(clients, instance);
    var executor =
        new Executor(
            new Executor.Host(
                settings,
                clients,
                producer,
                new DeadLetters(producer, instance, Clock.systemUTC()),
                new InstanceId(instance),
                Clock.systemUTC(),
                new SimpleMeterRegistry()),
            work);
    NexusService lane = executor.modelLane();
    lane.start();
    lane.awaitReady(Duration.ofMinutes(2));
    return () -> {
      for (AutoCloseable part : List.of(lane, executor, producer)) {
        part.close();
      }
    };
  }
}
