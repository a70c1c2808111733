package dev.nexus.executor.container;

import dev.nexus.executor.container.Engine.Found;
import java.io.Closeable;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes containers that nobody has any more, of pools and of services: those of executors that
/// have died, and those of this one that it failed to remove. One executor of a base does so at a
/// time, and each container is told of before it goes, so that none goes untold.
public final class Orphans {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  private final Engine engine;
  private final SocketDirectory sockets;
  private final List<Supplier<Set<String>>> known = new CopyOnWriteArrayList<>();
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile Consumer<Found> told = _ -> {};

  Orphans(Engine engine, SocketDirectory sockets) {
    this.engine = engine;
    this.sockets = sockets;
  }

  /// Instances of this executor that somebody has; asked for after containers were found, so that
  /// what began before is among them.
  public void knows(Supplier<Set<String>> instances) {
    known.add(instances);
  }

  /// Is told of each that is about to go. One that this throws for stays until the next look.
  void tells(Consumer<Found> to) {
    told = to;
  }

  /// Pure: which containers nobody has any more.
  ///
  /// @param found containers of all executors with the same base
  /// @param living names of the executors that live
  /// @param own name of this one
  /// @param known its instances
  static List<Found> of(
      List<Found> found, Collection<String> living, String own, Collection<String> known) {
    return found.stream()
        .filter(
            one -> {
              String executor = one.labels().getOrDefault(Engine.LABEL_EXECUTOR, "");
              String instance = one.labels().getOrDefault(Engine.LABEL_INSTANCE, "");
              return executor.equals(own) ? !known.contains(instance) : !living.contains(executor);
            })
        .toList();
  }

  private List<Found> among(List<Found> found) {
    List<String> living = sockets.living();
    Set<String> ours = new HashSet<>();
    known.forEach(some -> ours.addAll(some.get()));
    return of(found, living, sockets.executor(), ours);
  }

  /// Sees to those among what was found, on a thread of its own.
  ///
  /// @param found all containers of this base
  public void look(List<Found> found) {
    if (!among(found).isEmpty() && busy.compareAndSet(false, true)) {
      Thread.ofVirtual().name("orphans").start(this::remove);
    }
  }

  private void remove() {
    try {
      Optional<Closeable> turn = sockets.turn();
      if (turn.isPresent()) {
        // What another executor has removed since is not found any more.
        try (Closeable _ = turn.get();
            ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
          among(engine.below(sockets.id())).forEach(one -> threads.execute(() -> remove(one)));
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.atWarn().setCause(e).log("what nobody has any more is looked for again");
    } finally {
      busy.set(false);
    }
  }

  private void remove(Found orphan) {
    try {
      told.accept(orphan);
      engine.remove(orphan.container());
      LOG.atInfo()
          .addKeyValue("container", orphan.container())
          .addKeyValue("labels", orphan.labels())
          .log("removed a container that nobody has any more");
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).addKeyValue("container", orphan.container()).log("not removed");
    }
  }
}
