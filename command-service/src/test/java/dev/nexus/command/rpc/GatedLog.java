package dev.nexus.command.rpc;

import dev.nexus.command.intake.IngressLog;
import io.cloudevents.CloudEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// A log in memory that acknowledges nothing until it is opened.
final class GatedLog implements IngressLog {
  private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
  private final Map<String, Exception> failures = new HashMap<>();
  private final AtomicInteger written = new AtomicInteger();
  private int mostWaiting;
  private boolean open;

  @Override
  public CompletableFuture<Void> write(CloudEvent event) {
    written.incrementAndGet();
    synchronized (waiting) {
      Exception failure = failures.get(event.getId());
      if (failure != null) {
        return CompletableFuture.failedFuture(failure);
      }
      if (open) {
        return CompletableFuture.completedFuture(null);
      }
      var done = new CompletableFuture<Void>();
      waiting.add(done);
      mostWaiting = Math.max(mostWaiting, waiting.size());
      return done;
    }
  }

  /// The write of the event with this id fails.
  void fail(String id, Exception failure) {
    synchronized (waiting) {
      failures.put(id, failure);
    }
  }

  /// Acknowledges what waits and what comes.
  void open() {
    List<CompletableFuture<Void>> released;
    synchronized (waiting) {
      open = true;
      released = List.copyOf(waiting);
      waiting.clear();
    }
    released.forEach(done -> done.complete(null));
  }

  int waiting() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  int mostWaiting() {
    synchronized (waiting) {
      return mostWaiting;
    }
  }

  int written() {
    return written.get();
  }
}
