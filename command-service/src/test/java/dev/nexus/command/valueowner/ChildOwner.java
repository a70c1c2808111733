package dev.nexus.command.valueowner;

import dev.nexus.command.ChildProcess;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// An owner of values in a process of its own, which can die like one.
final class ChildOwner {
  private static final String READY = "owner ready";

  private ChildOwner() {}

  /// Returns once it owns all partitions.
  static Process running(Settings settings) throws IOException {
    Process child =
        ChildProcess.start(
            ChildOwner.class,
            settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS),
            settings.text(Setting.KAFKA_TOPIC_PREFIX),
            settings.text(Setting.DATA_DIR));
    BufferedReader lines = child.inputReader();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.equals(READY)) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
        return child;
      }
    }
    throw new IllegalStateException("the child ended before it was ready");
  }

  public static void main(String[] args) throws InterruptedException {
    Settings settings =
        Settings.of(
            Map.of(
                "NEXUS_KAFKA_BOOTSTRAP_SERVERS", args[0],
                "NEXUS_KAFKA_TOPIC_PREFIX", args[1],
                "NEXUS_DATA_DIR", args[2]));
    KafkaClients clients = new KafkaClients(settings);
    DeadLetters deadLetters =
        new DeadLetters(new EventProducer(clients, "child"), "values", Clock.systemUTC());
    ValueOwner owner =
        new ValueOwner(clients, BrokerAccess.SHARED, settings, deadLetters, Clock.systemUTC());
    owner.start();
    owner.awaitReady(Duration.ofMinutes(2));
    System.out.println(READY);
    new CountDownLatch(1).await();
  }
}
