package dev.nexus.projector.live;

import dev.nexus.event.Event;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.live.StreamPosition.Part;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One reader at the log's end for all listeners of this process, while there are any. A listener
/// that comes back with a position first reads what it missed by itself.
public final class LiveFeed implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);
  private static final Duration WAIT = Duration.ofMillis(200);
  private static final int MOST_LISTENERS = 64;

  private final KafkaClients clients;
  private final FactReader.Components components;
  private final Set<Listener> listeners = new LinkedHashSet<>();

  /// Everybody who listens or catches up, or was promised a place not long ago.
  private final Set<Listener> connected = new LinkedHashSet<>();

  private final AtomicBoolean closed = new AtomicBoolean();
  private Map<Part, Long> heard = new HashMap<>();
  private @Nullable FactReader reader;

  /// `components` tells which component an execution belongs to, "" when it is not known.
  public LiveFeed(KafkaClients clients, Function<Event<?>, String> components) {
    this.clients = clients;
    this.components = components::apply;
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
    return !closed.get();
  }

  /// A listener that hears what comes from the moment it opens, or everything after `from`. Throws
  /// `IllegalStateException` when there are too many already; one that catches up counts, and so
  /// does, for a while, one that has not opened yet.
  public Listener listen(LiveFilter filter, Optional<StreamPosition> from) {
    Listener listener = new Listener(this, filter, from);
    synchronized (listeners) {
      connected.removeIf(Listener::neverCame);
      if (connected.size() >= MOST_LISTENERS) {
        throw new IllegalStateException(MOST_LISTENERS + " listeners are connected already");
      }
      connected.add(listener);
    }
    return listener;
  }

  /// From here on the listener is given every fact; returns the position that begins at.
  StreamPosition join(Listener listener) {
    synchronized (listeners) {
      if (reader == null) {
        FactReader fresh = newReader("live-feed");
        fresh.seekToEnd();
        heard = new HashMap<>(fresh.position().next());
        reader = fresh;
        Thread.ofPlatform().daemon().name("live-feed").start(() -> run(fresh));
      }
      listeners.add(listener);
      return new StreamPosition(heard);
    }
  }

  void leave(Listener listener) {
    synchronized (listeners) {
      listeners.remove(listener);
      connected.remove(listener);
    }
  }

  /// A reader of its own, for a listener that has something to catch up with.
  FactReader newReader(String name) {
    return new FactReader(clients, name, components);
  }

  private void run(FactReader own) {
    String why = "the feed ended";
    try (own) {
      while (!closed.get()) {
        List<LiveFact> facts = own.poll(WAIT);
        synchronized (listeners) {
          for (LiveFact fact : facts) {
            heard.put(fact.part(), fact.offset() + 1);
            listeners.removeIf(listener -> !listener.offer(fact));
          }
          if (listeners.isEmpty()) {
            reader = null;
            return;
          }
        }
      }
    } catch (WakeupException e) {
      LOG.atDebug().log("live feed closed");
    } catch (KafkaException e) {
      LOG.atError().setCause(e).log("live feed broke, listeners are sent away");
    } catch (RuntimeException e) { // it cannot be known which component a fact is about
      why = String.valueOf(e.getMessage());
      LOG.atWarn().addKeyValue("reason", why).log("live feed broke, listeners are sent away");
    } finally {
      end(own, why);
    }
  }

  private void end(FactReader own, String why) {
    synchronized (listeners) {
      if (reader == own) {
        reader = null;
        listeners.forEach(listener -> listener.drop(why + "; connect again"));
        listeners.clear();
      }
    }
  }

  @Override
  public void close() {
    closed.set(true);
    synchronized (listeners) {
      if (reader != null) {
        reader.wakeup();
      }
    }
  }
}
