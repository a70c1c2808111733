package dev.nexus.executor.service;

import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Remembers what becomes of services.
final class HeardServices implements ServiceListener {
  record Ended(
      Container container, EndReason reason, String detail, int exitCode, Duration pause) {}

  final List<Container> started = new CopyOnWriteArrayList<>();
  final List<Container> healthy = new CopyOnWriteArrayList<>();
  final List<Ended> ended = new CopyOnWriteArrayList<>();
  final List<String> lines = new CopyOnWriteArrayList<>();
  final List<Long> dropped = new CopyOnWriteArrayList<>();

  /// So many orphans cannot be told of.
  volatile int refuses;

  @Override
  public void started(Container container) {
    started.add(container);
  }

  @Override
  public void healthy(Container container, Duration took) {
    healthy.add(container);
  }

  @Override
  public void ended(
      Container container, EndReason reason, String detail, int exitCode, Duration pause) {
    ended.add(new Ended(container, reason, detail, exitCode, pause));
  }

  @Override
  public void refused(Container container, String why) {
    ended.add(new Ended(container, EndReason.REFUSED, why, 0, Duration.ZERO));
  }

  @Override
  public synchronized void orphaned(Container container, String detail) {
    if (refuses > 0) {
      refuses--;
      throw new IllegalStateException("the log is away");
    }
    ended.add(new Ended(container, EndReason.ORPHANED, detail, 137, Duration.ZERO));
  }

  @Override
  public void printed(Container container, boolean isError, String line) {
    lines.add((isError ? "E " : "O ") + line);
  }

  @Override
  public void dropped(Container container, long count) {
    dropped.add(count);
  }

  List<Ended> endedOf(String service) {
    return ended.stream().filter(one -> one.container().key().service().equals(service)).toList();
  }

  List<Container> startedOf(String service) {
    return started.stream().filter(one -> one.key().service().equals(service)).toList();
  }

  List<Container> healthyOf(String service) {
    return healthy.stream().filter(one -> one.key().service().equals(service)).toList();
  }
}
