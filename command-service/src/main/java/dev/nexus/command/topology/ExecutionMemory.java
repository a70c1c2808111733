package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.command.execution.ImpossibleFactException;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.wire.EventCodec;
import java.util.LinkedHashMap;
import java.util.Map;

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

  /// The execution of a key, as the fold of its facts; absent when it has none.
  Execution get(String key) {
    Execution known = hot.get(key);
    if (known == null) {
      known = load(key);
      hot.put(key, known);
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
            if (execution.settled()) {
              Finished finished = (Finished) execution.state();
              change.putFinished(
                  execution.key(), execution.essentialFacts(finished), finished.finishedAt());
              hot.remove(execution.key());
            } else if (execution.state().sequence() > 0) {
              change.putOpen(execution.key(), execution.encodedFacts());
            }
          }
        },
        place);
    changed.clear();
    trim();
  }

  private void trim() {
    var oldest = hot.values().iterator();
    while (hot.size() > most && oldest.hasNext()) {
      oldest.next();
      oldest.remove();
    }
  }

  private Execution load(String key) {
    Execution execution = new Execution(key);
    for (byte[] fact : shelf.facts(key)) {
      try {
        execution.apply(codec.decode(fact), fact);
      } catch (ImpossibleFactException e) {
        execution.quarantine(String.valueOf(e.getMessage()));
      }
    }
    return execution;
  }
}
