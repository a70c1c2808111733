package dev.nexus.projector.query;

import dev.nexus.event.TenantId;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.Visible;
import dev.nexus.platform.call.Visible.ExecutionAt;
import dev.nexus.platform.call.Visible.VersionOf;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.projector.application.ApplicationNames;
import dev.nexus.projector.execution.ExecutionNames;
import dev.nexus.projector.execution.ExecutionView;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.Slot;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Makes a question wait until what its asker wrote is visible: `?after=` with the token an answer
/// carried. The wait ends by notification, or as a 504 that names the lag; while the projection is
/// being folded again it ends as a 503 that says so, if that takes longer.
public final class Visibility {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration LOOKED_AGAIN = Duration.ofMillis(50);

  private final ProjectionReads reads;
  private final Progress progress;
  private final LogLookup log;
  private final Tokens tokens;

  public Visibility(ProjectionReads reads, Progress progress, LogLookup log, Tokens tokens) {
    this.reads = reads;
    this.progress = progress;
    this.log = log;
    this.tokens = tokens;
  }

  /// Returns once everything `token` names is visible; at once where there is none.
  void await(TenantId tenant, Optional<String> token) {
    if (token.isEmpty()) {
      return;
    }
    Visible wanted =
        tokens
            .verify(token.get(), tenant)
            .orElseThrow(
                () -> Problems.invalid("after", "a token of an answer of this log", token.get()));
    switch (wanted) {
      case ExecutionAt(_, var execution, var sequence) -> {
        Key view = ExecutionNames.summary(tenant, execution.toString());
        Slot slot = slot(Topic.EXECUTIONS, Keys.execution(tenant, execution));
        await(slot, view, execution + "@" + sequence, () -> sequence(slot, view) >= sequence);
      }
      case VersionOf(_, var appId, var digest) -> {
        Key view = ApplicationNames.versions(tenant, appId);
        Slot slot = slot(Topic.DEFINITIONS, Keys.version(tenant, appId, digest));
        await(slot, view, appId + "@" + digest, () -> reads.hash(slot, view).containsKey(digest));
      }
    }
  }

  private long sequence(Slot slot, Key view) {
    return new ExecutionView(reads.view(slot, view)).sequence();
  }

  private Slot slot(Topic topic, String recordKey) {
    return reads.slotOf(topic, recordKey);
  }

  private void await(Slot slot, Key view, String what, BooleanSupplier visible) {
    try {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!visibleOrRebuilt(slot, view, what, visible, deadline)) {
        TimeUnit.NANOSECONDS.sleep(LOOKED_AGAIN.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problems.notVisibleYet(what, 0, lag(slot));
    }
  }

  /// Waits for news of the view; false when the projection is just being folded again, of which
  /// there is no news.
  private boolean visibleOrRebuilt(
      Slot slot, Key view, String what, BooleanSupplier visible, long deadline)
      throws InterruptedException {
    try {
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      if (!progress.await(slot, view, left, visible)) {
        throw Problems.notVisibleYet(what, PATIENCE.toMillis(), lag(slot));
      }
      return true;
    } catch (ProblemException e) {
      if (!Problems.isRebuilding(e) || System.nanoTime() > deadline) {
        throw e;
      }
      return false;
    }
  }

  private long lag(Slot slot) {
    Map<Slot, Long> ends = log.ends(List.of(slot));
    long folded = progress.mark(slot).map(Mark::next).orElse(0L);
    return Math.max(0, ends.getOrDefault(slot, 0L) - folded);
  }
}
