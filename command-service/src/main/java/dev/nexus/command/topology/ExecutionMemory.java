package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.wire.EventCodec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/// The executions of one partition: a hot set in the heap, all others on the shelf.
final class ExecutionMemory {
  private final ExecutionShelf shelf;
  private final EventCodec<ExecutionEvent> codec;
  private final int most;
  private final LinkedHashMap<String, Execution> hot = new LinkedHashMap<>(1024, 0.75f, true);
  private final Map<String, Execution> changed = new LinkedHashMap<>();

  ExecutionMemory(ExecutionShelf shelf, EventCodec<ExecutionEvent> codec, int most) {
    this.shelf = shelf;
    this.codec = codec;
    this.most = most;
  }

  /// The execution of a key, as the fold of its facts; absent when it has none. A settled one does
  /// not stay in the heap: it would outlive its place on the shelf there.
  Execution get(String key) {
    Execution known = hot.get(key);
    if (known == null) {
      known = changed.get(key);
    }
    if (known == null) {
      known = load(key);
      if (!known.settled()) {
        hot.put(key, known);
      }
    }
    return known;
  }

  /// To be written with the next save.
  void touch(Execution execution) {
    changed.put(execution.key(), execution);
  }

  /// Writes what changed and the place it reaches in one step; settled executions leave the heap.
  void save(ExecutionShelf.Place place) {
    shelf.write(
        change -> {
          for (Execution execution : changed.values()) {
            put(execution, change);
          }
        },
        place);
    changed.clear();
    trim();
  }

  private void put(Execution execution, ExecutionShelf.Change change) {
    switch (execution.shelved()) {
      case Shelved.Nothing() -> {}
      case Shelved.Ended ended -> change.putEnded(execution.key(), ended);
      case Shelved.Facts facts -> {
        if (execution.settled() && execution.state() instanceof Finished finished) {
          change.putFinished(execution.key(), facts, finished.finishedAt());
          hot.remove(execution.key());
        } else if (!facts.encoded().isEmpty()) {
          change.putOpen(execution.key(), facts);
        }
      }
    }
  }

  private void trim() {
    var oldest = hot.values().iterator();
    while (hot.size() > most && oldest.hasNext()) {
      oldest.next();
      oldest.remove();
    }
  }

  /// Hands every open execution over, without keeping it in the heap.
  void forEachOpen(Consumer<Execution> consumer) {
    shelf.forEachOpen((key, shelved) -> consumer.accept(Execution.unshelved(key, shelved, codec)));
  }

  /// Executions in the heap.
  int size() {
    return hot.size();
  }

  private Execution load(String key) {
    return Execution.unshelved(key, shelf.get(key), codec);
  }
}
