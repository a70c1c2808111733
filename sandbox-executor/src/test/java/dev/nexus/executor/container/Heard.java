package dev.nexus.executor.container;

import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.executor.work.AssignedTask;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// Keeps what it is told of instances.
final class Heard implements PoolListener {
  private final AtomicInteger started = new AtomicInteger();
  private final AtomicInteger allocated = new AtomicInteger();
  private final List<String> results = new CopyOnWriteArrayList<>();
  private final List<EndReason> ends = new CopyOnWriteArrayList<>();

  @Override
  public void started(PoolKey pool, String instance, Duration took) {
    started.incrementAndGet();
  }

  @Override
  public void allocated(PoolKey pool, String instance, AssignedTask task, Duration waited) {
    allocated.incrementAndGet();
  }

  @Override
  public void released(
      PoolKey pool, String instance, AssignedTask task, String result, Duration used) {
    results.add(result);
  }

  @Override
  public void ended(PoolKey pool, String instance, EndReason reason, String detail, long calls) {
    ends.add(reason);
  }

  int started() {
    return started.get();
  }

  int allocated() {
    return allocated.get();
  }

  List<String> results() {
    return results;
  }

  List<EndReason> ends() {
    return ends;
  }
}
