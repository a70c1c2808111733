package dev.nexus.executor.container;

import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.container.PoolView.Member;
import dev.nexus.executor.container.PoolView.State;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The instances of one pool. A call has an instance for itself; who finds none waits in line.
/// [PoolPlanner] says what is begun and ended, at every change and now and then.
final class Pool {
  private static final Logger LOG = LoggerFactory.getLogger(Pool.class);

  private final PoolKey key;
  private final Launcher launcher;
  private final PoolListener listener;
  private final Semaphore room;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Held> members = new HashMap<>();

  /// The one that rested last is given first, so that those nobody needs become old.
  private final ArrayDeque<Instance> idle = new ArrayDeque<>();

  private final Line line = new Line();
  private int least;
  private boolean draining;
  private boolean closed;
  private boolean retired;
  private final Set<String> ending = new HashSet<>();
  private final StartPause starts = new StartPause();

  /// An instance in use.
  ///
  /// @param waited how long the call waited for it
  record Lease(Instance instance, Duration waited) {}

  /// @param room a permit for each instance that this process may have
  Pool(PoolKey key, Launcher launcher, PoolListener listener, Semaphore room) {
    this.key = key;
    this.launcher = launcher;
    this.listener = listener;
    this.room = room;
  }

  PoolKey key() {
    return key;
  }

  /// An instance for one call; empty where the pool is not there any more, and another one is.
  /// Throws `EngineException` when none comes to be.
  Optional<Lease> lease() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (retired) {
        return Optional.empty();
      }
      if (closed) {
        throw ending();
      }
      Instance ready = idle.pollFirst();
      if (ready != null) {
        return Optional.of(new Lease(taken(ready), Duration.ZERO));
      }
      EngineException failure = starts.now();
      if (members.isEmpty() && failure != null) {
        throw failure;
      }
      return Optional.of(awaited(line.join(lock.newCondition())));
    } finally {
      lock.unlock();
    }
  }

  private Lease awaited(Line.Waiter waiter) throws InterruptedException {
    try {
      while (true) {
        Instance given = waiter.instance();
        if (given != null) {
          return new Lease(given, waiter.waited());
        }
        EngineException failure = waiter.failure();
        if (failure != null) {
          throw failure;
        }
        carryOut();
        waiter.await(PoolPlanner.PATIENCE);
      }
    } catch (InterruptedException e) {
      Instance given = waiter.instance();
      if (given != null && members.containsKey(given.id())) {
        free(given);
      }
      throw e;
    } finally {
      line.leave(waiter);
    }
  }

  private Instance taken(Instance instance) {
    held(instance).state = State.BUSY;
    return instance;
  }

  private Held held(Instance instance) {
    Held held = members.get(instance.id());
    if (held == null) {
      throw new IllegalStateException("instance " + instance.id() + " is not of this pool");
    }
    return held;
  }

  /// Takes an instance back that answered.
  void release(Instance instance) {
    ofMember(
        instance,
        () -> {
          instance.called();
          free(instance);
          carryOut();
        });
  }

  /// Ends an instance that is of no use any more.
  void discard(Instance instance, EndReason reason, String detail) {
    ofMember(
        instance,
        () -> {
          end(instance, reason, detail);
          carryOut();
        });
  }

  /// Gives back what was taken for a look, which was no work: it rests on, and keeps its place
  /// behind those that rested later.
  void giveBack(Instance instance) {
    ofMember(
        instance,
        () -> {
          if (!given(instance)) {
            held(instance).state = State.IDLE;
            idle.addLast(instance);
          }
        });
  }

  /// One that has ended meanwhile, as everything does when the executor ends, is let go.
  private void ofMember(Instance instance, Runnable change) {
    guarded(
        () -> {
          if (members.containsKey(instance.id())) {
            change.run();
          }
        });
  }

  private <T> T locked(Supplier<T> question) {
    lock.lock();
    try {
      return question.get();
    } finally {
      lock.unlock();
    }
  }

  private void guarded(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }

  private void free(Instance instance) {
    if (given(instance)) {
      return;
    }
    held(instance).state = State.IDLE;
    instance.rests();
    idle.addFirst(instance);
  }

  /// Whether somebody waited for it.
  private boolean given(Instance instance) {
    Line.Waiter first = line.next();
    if (first == null) {
      return false;
    }
    first.give(taken(instance));
    return true;
  }

  /// Says how many instances there are to be although nobody asks.
  void keep(int atLeast) {
    guarded(
        () -> {
          least = atLeast;
          draining = false;
          carryOut();
        });
  }

  /// Keeps nothing that has nothing to do, as no current definition has this pool; calls of older
  /// ones are served on.
  void drain() {
    guarded(
        () -> {
          least = 0;
          draining = true;
          carryOut();
        });
  }

  /// Ends all instances and whoever waits for one.
  void shut() {
    guarded(
        () -> {
          closed = true;
          line.failAll(ending());
          idle.clear();
          for (Held held : List.copyOf(members.values())) {
            if (held.instance != null) {
              end(held.instance, EndReason.SHUTDOWN, "");
            }
          }
        });
  }

  private void carryOut() {
    for (PoolPlanner.Action action : PoolPlanner.plan(view())) {
      switch (action) {
        case PoolPlanner.Action.Begin() -> begin();
        case PoolPlanner.Action.End(var id, var reason) -> {
          Instance instance = members.get(id) == null ? null : members.get(id).instance;
          if (instance != null && idle.remove(instance)) {
            end(instance, reason, "");
          }
        }
      }
    }
  }

  private void begin() {
    if (!room.tryAcquire()) {
      return; // another pool was faster
    }
    String id = SocketDirectory.name();
    members.put(id, new Held());
    Thread.ofVirtual().name("container-" + id).start(() -> launch(id));
  }

  private void launch(String id) {
    long begun = System.nanoTime();
    try {
      Instance instance = launcher.launch(id, key);
      listener.started(key, id, Duration.ofNanos(System.nanoTime() - begun));
      arrived(instance);
    } catch (EngineException e) {
      failed(id, e);
    } catch (InterruptedException | RuntimeException | Error e) {
      LOG.atError().setCause(e).addKeyValue("pool", key.home().text()).log("a start broke");
      failed(
          id, new EngineException(FailureClass.CRASH, "the executor failed at a start: " + e, e));
    }
  }

  private void arrived(Instance instance) {
    guarded(
        () -> {
          held(instance).instance = instance;
          if (closed) {
            end(instance, EndReason.SHUTDOWN, "");
            return;
          }
          starts.succeeded();
          free(instance);
          carryOut();
        });
  }

  private void failed(String id, EngineException why) {
    LOG.atWarn()
        .setCause(why)
        .addKeyValue("pool", key.home().text())
        .log("a container could not be had");
    guarded(
        () -> {
          members.remove(id);
          room.release();
          if (starts.failed(why) && members.isEmpty()) {
            line.failAll(why);
          }
          carryOut();
        });
    listener.ended(key, id, EndReason.FAILED_TO_START, String.valueOf(why.getMessage()), 0);
  }

  private static EngineException ending() {
    return new EngineException(FailureClass.LOST, "the executor ends");
  }

  private void end(Instance instance, EndReason reason, String detail) {
    members.remove(instance.id());
    instance.channel().close();
    instance.tools().close();
    ending.add(instance.id());
    Thread.ofVirtual().name("container-end").start(() -> remove(instance, reason, detail));
  }

  private void remove(Instance instance, EndReason reason, String detail) {
    try {
      launcher.discard(instance.container(), instance.directory());
    } catch (RuntimeException e) {
      // It is found by its label and removed with the next round of the reconciliation.
      LOG.atWarn().setCause(e).addKeyValue("container", instance.container()).log("not removed");
    } finally {
      guarded(
          () -> {
            ending.remove(instance.id());
            room.release();
          });
      listener.ended(key, instance.id(), reason, detail, instance.calls());
    }
  }

  /// Names of what rests, the longest first.
  List<String> resting() {
    return locked(() -> idle.reversed().stream().map(Instance::id).toList());
  }

  /// Takes an instance for a look; null when it has something to do by now.
  @Nullable Instance takeIdle(String id) {
    lock.lock();
    try {
      Held held = members.get(id);
      return held != null && held.instance != null && idle.remove(held.instance)
          ? taken(held.instance)
          : null;
    } finally {
      lock.unlock();
    }
  }

  /// Ends the pool itself where it has nothing and nobody waits for it.
  boolean retire() {
    return locked(
        () -> {
          retired = members.isEmpty() && ending.isEmpty() && line.size() == 0;
          return retired;
        });
  }

  PoolView view() {
    return locked(
        () -> {
          long now = System.nanoTime();
          List<Member> seen = new ArrayList<>();
          members.forEach((id, held) -> seen.add(held.seen(id, now)));
          boolean begins = !closed && starts.now() == null;
          return new PoolView(
              least,
              key.home().definition().maxInstances(),
              begins ? room.availablePermits() : 0,
              seen,
              line.size(),
              line.oldest(),
              draining);
        });
  }

  /// Names of the instances, those that are being begun and ended included.
  Set<String> instances() {
    return locked(
        () -> {
          Set<String> all = new HashSet<>(members.keySet());
          all.addAll(ending);
          return all;
        });
  }

  /// Instances, those that are being begun and ended included.
  int size() {
    return locked(() -> members.size() + ending.size());
  }
}
