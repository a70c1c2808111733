package dev.nexus.projector.live;

import dev.nexus.platform.admission.Places;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.KafkaClients;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One reader at the log's end for all listeners of this process, while there are any. A listener
/// that comes back with a position first reads what it missed by itself.
public final class LiveFeed implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);
  private static final int MOST = 64;
  private static final Duration WAIT = Duration.ofMillis(200);
  private static final Duration AGAIN_AFTER = Duration.ofSeconds(1);

  private final KafkaClients clients;
  private final ComponentLookup lookup;
  private final Set<Listener> listeners = new LinkedHashSet<>();

  /// Everybody who listens or catches up, or was promised a place not long ago.
  private final Places<Listener> places =
      new Places<>(MOST, MOST + " listeners are connected already");

  private final CountDownLatch closing = new CountDownLatch(1);
  private MovingPosition heard = new MovingPosition(new StreamPosition(Map.of()));
  private @Nullable FactReader reader;

  public LiveFeed(KafkaClients clients, Components components) {
    this(clients, components, ComponentLookup.PATIENCE);
  }

  /// @param patience with projections that do not tell yet what a fact is about
  LiveFeed(KafkaClients clients, Components components, Duration patience) {
    this.clients = clients;
    this.lookup = new ComponentLookup(components, patience);
  }

  @Override
  public String name() {
    return "live-feed";
  }

  /// Nothing is read until somebody listens.
  @Override
  public void start() {}

  @Override
  public void awaitReady(Duration patience) {}

  @Override
  public boolean healthy() {
    return closing.getCount() > 0;
  }

  /// A listener that hears what comes from the moment it opens, or everything after `from`. Throws
  /// `NoPlaceException` when there are too many already, or too many of its key or tenant; one that
  /// catches up counts, and so does, for a while, one that has not opened yet.
  public Listener listen(String keyId, LiveFilter filter, Optional<StreamPosition> from) {
    Listener listener = new Listener(this, filter, from);
    places.removeIf(Listener::neverCame);
    places.take(listener, filter.tenant(), keyId);
    return listener;
  }

  /// How many listen now.
  public int listening() {
    synchronized (listeners) {
      return listeners.size();
    }
  }

  /// From here on the listener is given every fact; returns the position that begins at.
  StreamPosition join(Listener listener) {
    synchronized (listeners) {
      if (reader == null) {
        begin();
      }
      listeners.add(listener);
      return heard.now();
    }
  }

  /// Begins to read at the log's end. There is no reader before its thread runs: who joined one
  /// without would hear nothing for ever.
  private void begin() {
    FactReader fresh = newReader("live-feed");
    try {
      fresh.seekToEnd();
      heard = new MovingPosition(fresh.position());
      Thread.ofPlatform().daemon().name("live-feed").start(() -> run(fresh));
      reader = fresh;
    } catch (Throwable e) {
      fresh.close();
      throw e;
    }
  }

  void leave(Listener listener) {
    synchronized (listeners) {
      listeners.remove(listener);
    }
    places.leave(listener);
  }

  /// A reader of its own, for a listener that has something to catch up with.
  FactReader newReader(String name) {
    return new FactReader(clients, name, lookup);
  }

  /// A reader that breaks is followed by another one, where it stood: that is nothing a listener
  /// has to know.
  private void run(FactReader first) {
    FactReader own = first;
    try {
      while (!fed(own)) {
        Optional<FactReader> next = another();
        if (next.isEmpty()) {
          break;
        }
        own = next.get();
      }
    } finally {
      ended(own);
    }
  }

  /// Nobody is left with a reader that reads no more.
  private void ended(FactReader own) {
    synchronized (listeners) {
      if (reader == own) {
        reader = null;
        listeners.forEach(listener -> listener.drop("the feed ended; connect again"));
        listeners.clear();
      }
    }
  }

  /// Gives out what is read until nobody listens any more or the feed ends; false when the reader
  /// broke, by an `Error` too.
  private boolean fed(FactReader own) {
    try (own) {
      while (closing.getCount() > 0) {
        if (!gaveOut(own.poll(WAIT))) {
          return true;
        }
      }
      return true;
    } catch (Throwable e) {
      if (closing.getCount() == 0) {
        return true; // woken up to end
      }
      boolean interrupted = Thread.interrupted(); // by nobody who wants it to end: see close()
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("interrupted", interrupted)
          .log("the reader of the live feed broke, another one goes on");
      return false;
    }
  }

  /// False when nobody listens any more.
  private boolean gaveOut(List<LiveFact> facts) {
    synchronized (listeners) {
      for (LiveFact fact : facts) {
        heard.after(fact);
        listeners.removeIf(listener -> !offered(listener, fact));
      }
      if (listeners.isEmpty()) {
        reader = null; // who joins from here on begins a new one
      }
      return !listeners.isEmpty();
    }
  }

  /// What one listener's filter throws is that listener's affair.
  private static boolean offered(Listener listener, LiveFact fact) {
    try {
      return listener.offer(fact);
    } catch (Throwable e) {
      LOG.atWarn().setCause(e).log("a listener of the live stream broke");
      listener.drop("it cannot be told what it may hear; connect again");
      return false;
    }
  }

  /// A reader that goes on behind what was heard last; empty when the feed ends.
  private Optional<FactReader> another() {
    try {
      while (!closing.await(AGAIN_AFTER.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          return Optional.of(goingOn());
        } catch (KafkaException e) {
          LOG.atDebug().setCause(e).log("the live feed waits for the broker");
        } catch (Throwable e) {
          LOG.atWarn().setCause(e).log("the live feed has no reader yet, it tries again");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  /// A reader behind what was heard last. Listeners that would miss what was deleted meanwhile, or
  /// what came where the log lost its end, are sent away: who comes back is told of the gap.
  private FactReader goingOn() {
    FactReader fresh = newReader("live-feed");
    try {
      Optional<Gap> gap = fresh.seek(heard.now());
      synchronized (listeners) {
        reader = fresh;
        if (gap.isPresent()) {
          heard = new MovingPosition(gap.get().from());
          String why =
              gap.get().lostEnds() > 0 ? "the log has lost its end" : "facts were deleted unread";
          listeners.forEach(l -> l.drop(why + "; connect again"));
          listeners.clear();
        }
      }
      return fresh;
    } catch (Throwable e) {
      fresh.close();
      throw e;
    }
  }

  @Override
  public void close() {
    closing.countDown();
    lookup.close();
    synchronized (listeners) {
      if (reader != null) {
        reader.wakeup();
      }
    }
  }
}
