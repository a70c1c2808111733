package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.wire.EventCodec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The executions of one partition: a hot set in the heap, all others on the shelf. The set is
/// bounded by number and by bytes, as one execution may have as many as a thousand others.
final class ExecutionMemory implements AutoCloseable {
  /// An execution as it was counted: it grows before the memory is told.
  private record Held(Execution execution, long bytes) {}

  private final ExecutionShelf shelf;
  private final EventCodec<ExecutionEvent> codec;
  private final int most;
  private final HeapShare heap;

  /// As they are on the shelf, the one asked for last at the end.
  private final LinkedHashMap<String, Held> hot = new LinkedHashMap<>(1024, 0.75f, true);

  /// As they are not on the shelf yet, settled ones too.
  private final Map<String, Held> changed = new LinkedHashMap<>();

  private long hotBytes;
  private long changedBytes;

  /// @param limits of what it may hold; until it is closed it has a part of the heap they name
  ExecutionMemory(
      ExecutionShelf shelf, EventCodec<ExecutionEvent> codec, RouterContext.Limits limits) {
    this.shelf = shelf;
    this.codec = codec;
    this.most = limits.hotExecutions();
    this.heap = limits.heap();
    heap.join();
  }

  /// The execution of a key, as the fold of its facts; absent when it has none. A settled one does
  /// not stay in the heap: it would outlive its place on the shelf there.
  Execution get(String key) {
    Held held = changed.get(key);
    if (held == null) {
      held = hot.get(key);
    }
    if (held != null) {
      return held.execution();
    }
    Execution loaded = shelved(key);
    if (!loaded.settled()) {
      keep(key, new Held(loaded, loaded.bytes()));
      trim();
    }
    return loaded;
  }

  /// The execution of a key as it was saved last, for whoever folds what must not be saved yet.
  Execution shelved(String key) {
    return Execution.unshelved(key, shelf.get(key), codec);
  }

  private void keep(String key, Held held) {
    hot.put(key, held);
    hotBytes += held.bytes();
  }

  /// To be written with the next save.
  void touch(Execution execution) {
    hotBytes -= bytes(hot.remove(execution.key()));
    var held = new Held(execution, execution.bytes());
    changedBytes += held.bytes() - bytes(changed.put(execution.key(), held));
    trim();
  }

  private static long bytes(@Nullable Held held) {
    return held == null ? 0 : held.bytes();
  }

  /// Whether what waits for a save is more than may be held.
  boolean full() {
    return changedBytes > heap.each();
  }

  /// Writes what changed and its checkpoint in one step; settled executions leave the heap.
  void save(ExecutionShelf.Checkpoint checkpoint) {
    shelf.write(
        change -> {
          for (Held held : changed.values()) {
            put(held.execution(), change);
          }
        },
        checkpoint);
    changed.forEach(
        (key, held) -> {
          if (!held.execution().settled()) {
            keep(key, held);
          }
        });
    changed.clear();
    changedBytes = 0;
    trim();
  }

  private static void put(Execution execution, ExecutionShelf.Change change) {
    switch (execution.shelved()) {
      case Shelved.Nothing() -> {}
      case Shelved.Ended ended -> change.putEnded(execution.key(), ended);
      case Shelved.Facts facts -> {
        if (execution.settled() && execution.state() instanceof Finished finished) {
          change.putFinished(execution.key(), facts, finished.finishedAt());
        } else if (!facts.encoded().isEmpty()) {
          change.putOpen(execution.key(), facts);
        }
      }
    }
  }

  /// Lets those go that were not asked for longest, but not the last one: it is in use.
  private void trim() {
    var oldest = hot.values().iterator();
    while (hot.size() > 1 && (hot.size() > most || bytes() > heap.each())) {
      hotBytes -= oldest.next().bytes();
      oldest.remove();
    }
  }

  /// Hands every open execution over, without keeping it in the heap.
  void forEachOpen(Consumer<Execution> consumer) {
    shelf.forEachOpen((key, shelved) -> consumer.accept(Execution.unshelved(key, shelved, codec)));
  }

  /// Executions in the heap.
  int size() {
    return hot.size() + changed.size();
  }

  /// Bytes of the heap that the executions in it take, about.
  long bytes() {
    return hotBytes + changedBytes;
  }

  @Override
  public void close() {
    heap.leave();
  }
}
