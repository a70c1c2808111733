package dev.nexus.executor.container;

import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.container.PoolView.State;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// All pools of this executor. Round by round it compares what there is with what there should be:
/// containers without an executor are removed, pools of current definitions are kept warm, those of
/// old ones are not, and what rests is asked whether it is well.
final class ContainerPools implements AutoCloseable {
  /// Rounds between two looks at the engine and at what rests.
  private static final int LOOK_EVERY = 5;

  private static final Duration HEALTH_PATIENCE = Duration.ofSeconds(5);
  private static final int LARGEST_HEALTH = 4 << 10;
  private static final Duration LAST_ENDS = Duration.ofSeconds(8);

  private final Engine engine;
  private final SocketDirectory sockets;
  private final Orphans orphans;
  private final Launcher launcher;
  private final PoolListener listener;
  private final Supplier<Collection<PoolKey>> wanted;
  private final Semaphore room;
  private final Map<PoolKey, Pool> pools = new ConcurrentHashMap<>();
  private final AtomicBoolean open = new AtomicBoolean(true);
  private int rounds;

  /// @param tools for code in containers
  /// @param wanted pools of the definitions that are current
  /// @param most instances that this executor may have at once, in all pools together
  ContainerPools(
      Engine engine,
      SocketDirectory sockets,
      PoolListener listener,
      Tools tools,
      Supplier<Collection<PoolKey>> wanted,
      int most) {
    this.engine = engine;
    this.sockets = sockets;
    this.orphans = new Orphans(engine, sockets);
    orphans.knows(this::instances);
    this.launcher = new Launcher(engine, sockets, tools);
    this.listener = listener;
    this.wanted = wanted;
    this.room = new Semaphore(most);
  }

  /// An instance for one call, which must be released or discarded.
  Pool.Lease lease(PoolKey key) throws InterruptedException {
    while (true) {
      Pool pool = pool(key);
      if (room.availablePermits() == 0 && pool.size() == 0) {
        makeRoom(pool);
      }
      Optional<Pool.Lease> lease = pool.lease();
      if (lease.isPresent()) {
        return lease.get();
      }
    }
  }

  Pool pool(PoolKey key) {
    Pool pool = pools.computeIfAbsent(key, k -> new Pool(k, launcher, listener, room));
    if (!open.get()) {
      pool.shut(); // it came after all the others were
    }
    return pool;
  }

  /// Ends what has rested the longest elsewhere, as a call waits that has no instance at all.
  private void makeRoom(Pool needy) {
    pools.values().stream()
        .filter(pool -> pool != needy && pool.view().count(State.IDLE) > 0)
        .max(Comparator.comparing(ContainerPools::longestIdle))
        .ifPresent(
            pool -> {
              List<String> resting = pool.resting();
              Instance oldest = resting.isEmpty() ? null : pool.takeIdle(resting.getFirst());
              if (oldest != null) {
                pool.discard(oldest, EndReason.IDLE, "another pool needs its place");
              }
            });
  }

  private static Duration longestIdle(Pool pool) {
    return pool.view().members().stream()
        .map(PoolView.Member::idle)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /// Compares and mends. Throws `EngineException` when the engine does not answer.
  void round() {
    converge();
    if (rounds++ % LOOK_EVERY == 0) {
      orphans.look(engine.below(sockets.id()));
      askWhatRests();
    }
  }

  private void converge() {
    Set<PoolKey> current = new HashSet<>(wanted.get());
    current.stream()
        .filter(key -> key.home().definition().minInstances() > 0)
        .forEach(key -> pool(key).keep(key.home().definition().minInstances()));
    for (Pool pool : List.copyOf(pools.values())) {
      if (!current.contains(pool.key())) {
        pool.drain();
        if (pool.retire()) {
          pools.remove(pool.key(), pool);
          continue;
        }
      } else if (pool.key().home().definition().minInstances() == 0) {
        pool.keep(0);
      }
      PoolView view = pool.view();
      if (view.waiting() > 0 && view.members().isEmpty() && room.availablePermits() == 0) {
        makeRoom(pool);
      }
    }
  }

  /// What removes containers that nobody has.
  Orphans orphans() {
    return orphans;
  }

  private Set<String> instances() {
    Set<String> instances = new HashSet<>();
    pools.values().forEach(pool -> instances.addAll(pool.instances()));
    return instances;
  }

  /// One after the other, so that a pool lacks no more than one for it.
  private void askWhatRests() {
    for (Pool pool : pools.values()) {
      for (String id : pool.resting()) {
        Instance resting = pool.takeIdle(id);
        if (resting != null) {
          ask(pool, resting);
        }
      }
    }
  }

  private void ask(Pool pool, Instance resting) {
    try {
      int status = resting.channel().ask(Instance.HEALTH, HEALTH_PATIENCE, LARGEST_HEALTH).status();
      if (status == 200) {
        pool.giveBack(resting);
        return;
      }
      pool.discard(resting, EndReason.UNHEALTHY, "GET /health is answered with " + status);
    } catch (IOException | RuntimeException e) {
      pool.discard(resting, howItEnded(resting), Objects.requireNonNullElse(e.getMessage(), ""));
    }
  }

  /// Why an instance whose connection broke is of no use.
  EndReason howItEnded(Instance instance) {
    try {
      Engine.Condition condition = engine.ended(instance.container());
      if (condition.outOfMemory()) {
        return EndReason.OUT_OF_MEMORY;
      }
      return condition.running() ? EndReason.UNHEALTHY : EndReason.CRASHED;
    } catch (EngineException e) {
      return EndReason.UNHEALTHY;
    }
  }

  /// What a call fails with whose instance ended like that.
  static FailureClass failureOf(EndReason reason) {
    return reason == EndReason.OUT_OF_MEMORY ? FailureClass.MEMORY : FailureClass.LOST;
  }

  PoolListener listener() {
    return listener;
  }

  /// Instances of the pools of this name, those of older definitions included, by state.
  long count(String poolText, State state) {
    return pools.values().stream()
        .filter(pool -> pool.key().home().text().equals(poolText))
        .mapToLong(pool -> pool.view().count(state))
        .sum();
  }

  /// How long the first call has waited in the pools of this name; zero when nobody waits.
  Duration oldestWait(String poolText) {
    return pools.values().stream()
        .filter(pool -> pool.key().home().text().equals(poolText))
        .map(pool -> pool.view().oldestWait())
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /// Instances that there are, in whatever state.
  int size() {
    return pools.values().stream().mapToInt(Pool::size).sum();
  }

  /// Ends all instances. What is not ended by then, the next executor removes.
  @Override
  public void close() {
    if (!open.compareAndSet(true, false)) {
      return;
    }
    pools.values().forEach(Pool::shut);
    long begun = System.nanoTime();
    try {
      while (size() > 0 && System.nanoTime() - begun < LAST_ENDS.toNanos()) {
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sockets.close();
  }
}
