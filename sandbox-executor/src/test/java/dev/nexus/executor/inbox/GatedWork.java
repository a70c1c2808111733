package dev.nexus.executor.inbox;

import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.Work;
import dev.nexus.executor.work.WorkResult;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/// Work that echoes its input when the test lets it.
final class GatedWork implements Work {
  private final Semaphore gate = new Semaphore(0);
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final Set<String> interrupted = ConcurrentHashMap.newKeySet();

  void open(int tasks) {
    gate.release(tasks);
  }

  int running() {
    return running.get();
  }

  int most() {
    return most.get();
  }

  Set<String> interrupted() {
    return interrupted;
  }

  @Override
  public WorkResult perform(AssignedTask task) throws InterruptedException {
    most.accumulateAndGet(running.incrementAndGet(), Math::max);
    try {
      gate.acquire();
      return new WorkResult.Succeeded(task.body().input(), Usage.NONE);
    } catch (InterruptedException e) {
      interrupted.add(task.envelope().executionId());
      throw e;
    } finally {
      running.decrementAndGet();
    }
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
