package dev.nexus.executor.container;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// A container engine on this machine. Every method throws [EngineException] when it does not do
/// what is asked.
public interface Engine extends AutoCloseable {
  Duration TOLD_WITHIN = Duration.ofSeconds(2);
  Duration ASK_AGAIN = Duration.ofMillis(20);
  String LABEL_BASE = "dev.nexus.sandboxes";
  String LABEL_EXECUTOR = "dev.nexus.executor";
  String LABEL_INSTANCE = "dev.nexus.instance";
  String LABEL_POOL = "dev.nexus.pool";
  String LABEL_SERVICE = "dev.nexus.service";

  /// What is to be run.
  ///
  /// @param directory of this machine, seen at `/run/nexus` and not writable there
  record Wanted(
      String name,
      String image,
      Path directory,
      double cpus,
      long memoryBytes,
      Map<String, String> labels) {}

  /// A container that carries the labels of executors.
  record Found(String container, Map<String, String> labels, boolean running) {}

  /// How a container is, or how it ended.
  ///
  /// @param outOfMemory whether the kernel ended it, or something in it, for using too much
  record Condition(boolean running, int exitCode, boolean outOfMemory) {}

  /// Begins a container under all limits; its id.
  String begin(Wanted wanted);

  /// Ends and removes a container and what belongs to it; nothing when it is gone already.
  void remove(String container);

  Condition condition(String container);

  /// How a container ended whose connection broke. The engine is told of an end a moment after the
  /// connection is, so it is asked again while it says that the container runs.
  default Condition ended(String container) {
    long begun = System.nanoTime();
    Condition now = condition(container);
    while (now.running() && System.nanoTime() - begun < TOLD_WITHIN.toNanos()) {
      LockSupport.parkNanos(ASK_AGAIN.toNanos());
      now = condition(container);
    }
    return now;
  }

  /// The newest lines a container printed, for error messages.
  String lastWords(String container);

  /// All containers of executors with one base of sockets.
  ///
  /// @param id of the base
  List<Found> below(String id);

  @Override
  void close();
}
