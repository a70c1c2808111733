package dev.nexus.executor.inbox;

import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.Work;
import dev.nexus.executor.work.WorkResult;

/// Work that echoes its input, a number, after as many milliseconds.
final class NappingWork implements Work {
  @Override
  public WorkResult perform(AssignedTask task) throws InterruptedException {
    Thread.sleep(Long.parseLong(task.body().input().text()));
    return new WorkResult.Succeeded(task.body().input(), Usage.NONE);
  }

  @Override
  public boolean isInstant(AssignedTask task) {
    return false;
  }

  @Override
  public Tier tier(AssignedTask task) {
    return Tier.CODE;
  }
}
