package dev.nexus.executor.service;

import dev.nexus.executor.container.ServiceEngine;
import dev.nexus.executor.service.ServiceListener.Container;

/// What one container prints, as lines for the log: so many a second at most, the rest is counted.
final class PrintedLines implements ServiceEngine.Prints {
  static final int A_SECOND = 50;
  static final int AT_ONCE = 200;
  private static final int LONGEST = 4 << 10;
  private static final long SECOND = 1_000_000_000L;

  private final Container container;
  private final ServiceListener listener;
  private final Runnable ended;
  private final Lines outputs = new Lines(LONGEST, line -> give(false, line));
  private final Lines errors = new Lines(LONGEST, line -> give(true, line));
  private double room = AT_ONCE;
  private long looked = System.nanoTime();
  private long dropped;

  /// @param ended is told that nothing comes any more
  PrintedLines(Container container, ServiceListener listener, Runnable ended) {
    this.container = container;
    this.listener = listener;
    this.ended = ended;
  }

  @Override
  public synchronized void printed(boolean isError, byte[] bytes) {
    (isError ? errors : outputs).take(bytes);
  }

  private void give(boolean isError, String line) {
    long now = System.nanoTime();
    room = Math.min(AT_ONCE, room + (double) (now - looked) / SECOND * A_SECOND);
    looked = now;
    if (room < 1) {
      dropped++;
      return;
    }
    room--;
    tellDropped();
    listener.printed(container, isError, line);
  }

  private void tellDropped() {
    if (dropped > 0) {
      listener.dropped(container, dropped);
      dropped = 0;
    }
  }

  @Override
  public void ended() {
    synchronized (this) {
      outputs.end();
      errors.end();
      tellDropped();
    }
    ended.run();
  }
}
