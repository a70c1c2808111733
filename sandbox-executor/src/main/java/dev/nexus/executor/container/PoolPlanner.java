package dev.nexus.executor.container;

import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.executor.container.PoolView.Member;
import dev.nexus.executor.container.PoolView.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides what a pool needs: pure, so that a test can say every case. What it decides is carried
/// out by [Pool], and decided anew whenever something has changed.
final class PoolPlanner {
  /// A call that waits for less may get a busy instance sooner than a new one: a call takes
  /// milliseconds, a start some two hundred.
  static final Duration PATIENCE = Duration.ofMillis(50);

  /// How long an instance above the least may have nothing to do.
  static final Duration IDLE_KEPT = Duration.ofMinutes(5);

  /// A call gets a process of its own, so nothing should add up. What does all the same goes here.
  static final long CALLS_KEPT = 10_000;

  /// What is to be done.
  sealed interface Action {
    record Begin() implements Action {}

    record End(String instance, EndReason reason) implements Action {}
  }

  private PoolPlanner() {}

  static List<Action> plan(PoolView pool) {
    List<Action> actions = new ArrayList<>();
    List<Member> idle =
        pool.members().stream()
            .filter(member -> member.state() == State.IDLE)
            .sorted(Comparator.comparing(Member::idle).reversed())
            .toList();
    int kept = pool.members().size();
    for (Member member : idle) {
      EndReason reason = endOf(member, pool, kept);
      if (reason != null) {
        actions.add(new Action.End(member.instance(), reason));
        kept--;
      }
    }
    int wanted = Math.min(wanted(pool, kept) - kept, pool.room());
    for (int i = 0; i < wanted; i++) {
      actions.add(new Action.Begin());
    }
    return actions;
  }

  private static @Nullable EndReason endOf(Member member, PoolView pool, int kept) {
    if (pool.draining() && pool.waiting() == 0) {
      return EndReason.DRAINED;
    }
    if (member.calls() >= CALLS_KEPT) {
      return EndReason.RECYCLED;
    }
    if (kept > pool.most()) {
      return EndReason.DRAINED;
    }
    boolean needed = kept <= pool.least() || pool.waiting() > 0;
    return needed || member.idle().compareTo(IDLE_KEPT) < 0 ? null : EndReason.IDLE;
  }

  /// How many instances there should be.
  private static int wanted(PoolView pool, int kept) {
    int starting = pool.count(State.STARTING);
    boolean late = pool.oldestWait().compareTo(PATIENCE) >= 0;
    // The first call of an empty pool waits for nobody else.
    int more = kept == 0 || late ? Math.max(0, pool.waiting() - starting) : 0;
    return Math.min(pool.most(), Math.max(pool.least(), kept + more));
  }
}
