package dev.nexus.executor.service;

import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/// Who is asking a service now, each by a connection of its own.
final class Callers {
  /// Fewer than the relay passes on at once: whether the service is well is asked by the same.
  static final int MOST = 56;

  /// Of one caller, so that there is room for others.
  static final int MOST_OF_ONE = 40;

  private final Map<String, Integer> open = new HashMap<>();
  private int all;

  /// As many are asking it as may.
  static final class BusyException extends IOException {
    private static final long serialVersionUID = 1L;

    BusyException(String who, int most) {
      super(most + " calls of " + who + " are open, more than that it is not asked at once");
    }
  }

  /// A place until it is closed, once. Throws `BusyException` where there is none.
  synchronized Closeable enter(String caller) throws BusyException {
    if (all >= MOST) {
      throw new BusyException("it", MOST);
    }
    int own = open.getOrDefault(caller, 0);
    if (own >= MOST_OF_ONE) {
      throw new BusyException("this caller", MOST_OF_ONE);
    }
    open.put(caller, own + 1);
    all++;
    return new Place(caller);
  }

  synchronized boolean isEmpty() {
    return all == 0;
  }

  private synchronized void leave(String caller) {
    all--;
    open.computeIfPresent(caller, (_, own) -> own == 1 ? null : own - 1);
  }

  private final class Place implements Closeable {
    private final String caller;
    private boolean left;

    Place(String caller) {
      this.caller = caller;
    }

    @Override
    public synchronized void close() {
      if (!left) {
        left = true;
        leave(caller);
      }
    }
  }
}
