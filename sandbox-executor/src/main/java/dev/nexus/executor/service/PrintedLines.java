package dev.nexus.executor.service;

import dev.nexus.executor.container.ServiceEngine;
import dev.nexus.executor.service.ServiceListener.Container;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/// What one container prints, as lines for the log: so many a second at most as are its share, the
/// rest is counted, and said once there is room for that.
final class PrintedLines implements ServiceEngine.Prints, AutoCloseable {
  private static final int LONGEST = 4 << 10;
  private static final double SECOND = 1e9;

  private final Container container;
  private final ServiceListener listener;
  private final LineShares shares;
  private final Runnable ended;
  private final LongSupplier nanos;
  private final Lines outputs = new Lines(LONGEST, line -> give(false, line));
  private final Lines errors = new Lines(LONGEST, line -> give(true, line));
  private final AtomicBoolean open = new AtomicBoolean(true);
  private double room;
  private long looked;
  private long dropped;

  /// @param ended is told that nothing comes any more
  PrintedLines(Container container, ServiceListener listener, LineShares shares, Runnable ended) {
    this(container, listener, shares, ended, System::nanoTime);
  }

  PrintedLines(
      Container container,
      ServiceListener listener,
      LineShares shares,
      Runnable ended,
      LongSupplier nanos) {
    this.container = container;
    this.listener = listener;
    this.shares = shares;
    this.ended = ended;
    this.nanos = nanos;
    shares.join();
    this.room = shares.atOnce();
    this.looked = nanos.getAsLong();
  }

  @Override
  public synchronized void printed(boolean isError, byte[] bytes) {
    (isError ? errors : outputs).take(bytes);
  }

  private void give(boolean isError, String line) {
    // How many there were before it is a line of its own.
    if (room() < (dropped > 0 ? 2 : 1)) {
      dropped++;
      return;
    }
    sayDropped();
    room--;
    listener.printed(container, isError, line);
  }

  private double room() {
    long now = nanos.getAsLong();
    room = Math.min(shares.atOnce(), room + (now - looked) / SECOND * shares.aSecond());
    looked = now;
    return room;
  }

  /// Says what was dropped, where there is room to: nothing may follow for a long time.
  synchronized void tellDropped() {
    if (dropped > 0 && room() >= 1) {
      sayDropped();
    }
  }

  private void sayDropped() {
    if (dropped > 0) {
      room--;
      listener.dropped(container, dropped);
      dropped = 0;
    }
  }

  @Override
  public void ended() {
    synchronized (this) {
      outputs.end();
      errors.end();
      sayDropped();
    }
    ended.run();
  }

  /// Leaves its share to others.
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      shares.leave();
    }
  }
}
