package dev.nexus.platform.service;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A service that does the same thing now and then, round by round, on a thread of its own. A round
/// that fails, by an `Error` too, ends only itself: the next one comes after the same rest. Nobody
/// waits for it to be ready.
public abstract class RecurringService implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(RecurringService.class);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(5);

  private final String name;
  private final Duration rest;
  private final boolean restsFirst;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /// When the first round comes.
  public enum First {
    AT_ONCE,
    AFTER_A_REST
  }

  /// @param name of the service and of its thread
  /// @param rest between two rounds, a millisecond at least
  protected RecurringService(String name, Duration rest, First first) {
    if (rest.toMillis() < 1) {
      throw new IllegalArgumentException(
          "a rest of a millisecond at least expected, found " + rest);
    }
    this.name = name;
    this.rest = rest;
    this.restsFirst = first == First.AFTER_A_REST;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
  }

  /// Does what it is for, once.
  protected abstract void round() throws Exception;

  /// Is told that a round failed, on the service's thread.
  protected void failed(Throwable failure) {
    LOG.atWarn().setCause(failure).addKeyValue("service", name).log("failed, it is tried again");
  }

  /// Lets go of what rounds use. It is called first of all: a round that waits for it ends by that.
  protected void release() {}

  /// Breaks off a long round when the service ends, by a `CancellationException` that only the
  /// service itself catches.
  protected final void requireOpen() {
    if (ending()) {
      throw new CancellationException(name + " ends");
    }
  }

  /// Whether the service ends.
  protected final boolean ending() {
    return closing.getCount() == 0;
  }

  private void run() {
    try {
      if (!restsFirst) {
        attempt();
      }
      while (!closing.await(rest.toMillis(), TimeUnit.MILLISECONDS)) {
        attempt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void attempt() throws InterruptedException {
    try {
      round();
    } catch (InterruptedException e) {
      throw e;
    } catch (Throwable e) {
      if (!ending()) {
        failed(e);
      }
    }
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public final void awaitReady(Duration patience) {
    // Nobody waits for it.
  }

  @Override
  public final boolean healthy() {
    return thread.isAlive();
  }

  /// Ends the round under way where it looks for that, and waits for it some seconds; one that was
  /// never started has nothing to end.
  @Override
  public final void close() {
    closing.countDown();
    release();
    try {
      if (thread.getState() != Thread.State.NEW && !thread.join(ENDS_WITHIN)) {
        LOG.atWarn().addKeyValue("service", name).log("slow to end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
