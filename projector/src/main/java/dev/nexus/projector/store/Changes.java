package dev.nexus.projector.store;

import dev.nexus.projector.store.Mutation.Append;
import dev.nexus.projector.store.Mutation.Finish;
import dev.nexus.projector.store.Mutation.Forget;
import dev.nexus.projector.store.Mutation.Include;
import dev.nexus.projector.store.Mutation.Increment;
import dev.nexus.projector.store.Mutation.IncrementOnce;
import dev.nexus.projector.store.Mutation.Index;
import dev.nexus.projector.store.Mutation.PutBytes;
import dev.nexus.projector.store.Mutation.PutFields;
import dev.nexus.projector.store.Mutation.PutOnce;
import dev.nexus.projector.store.Mutation.PutView;
import dev.nexus.projector.store.Mutation.RemoveField;
import dev.nexus.projector.store.Mutation.Unindex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The changes of one batch, merged: a thousand facts touch a component's counters a thousand
/// times, Redis once. Merging keeps the outcome: fields and scores are last-wins, sums add up,
/// what is appended keeps its order, and executions finish, and evict others, last.
public final class Changes {
  private final ViewCache cache;
  private final Set<Key> views = new LinkedHashSet<>();
  private final Map<Key, Map<String, Optional<String>>> fields = new LinkedHashMap<>();
  private final Map<Key, Map<String, ByteBuffer>> once = new LinkedHashMap<>();
  private final Map<Key, Map<String, Long>> sums = new LinkedHashMap<>();
  private final Map<Key, List<ByteBuffer>> written = new LinkedHashMap<>();
  private final Map<Key, List<ByteBuffer>> appended = new LinkedHashMap<>();
  private final Map<Key, Map<String, Optional<Long>>> scores = new LinkedHashMap<>();
  private final Map<Key, Set<String>> sets = new LinkedHashMap<>();
  private final List<IncrementOnce> counts = new ArrayList<>();
  private final Map<Key, List<Finish>> finished = new LinkedHashMap<>();

  /// Views change in `cache` at once, and are taken from there when the batch is sent.
  public Changes(ViewCache cache) {
    this.cache = cache;
  }

  public void add(Mutation mutation) {
    switch (mutation) {
      case PutView(var key, var changed) -> {
        cache.put(key, changed);
        views.add(key);
      }
      case Forget(var key) -> cache.forget(key);
      case PutFields(var key, var values) -> {
        var known = fields.computeIfAbsent(key, k -> new HashMap<>());
        values.forEach((field, value) -> known.put(field, Optional.of(value)));
      }
      case RemoveField(var key, var field) ->
          fields.computeIfAbsent(key, k -> new HashMap<>()).put(field, Optional.empty());
      case PutOnce(var key, var field, var value) ->
          once.computeIfAbsent(key, k -> new LinkedHashMap<>()).putIfAbsent(field, value);
      case Increment(var key, var field, var by) ->
          sums.computeIfAbsent(key, k -> new HashMap<>()).merge(field, by, Long::sum);
      case IncrementOnce count -> counts.add(count);
      case PutBytes(var key, var value) -> {
        List<ByteBuffer> begun = new ArrayList<>(8);
        begun.add(value);
        written.put(key, begun);
        appended.remove(key);
      }
      case Append(var key, var value) -> {
        List<ByteBuffer> begun = written.get(key);
        (begun != null ? begun : appended.computeIfAbsent(key, k -> new ArrayList<>(8))).add(value);
      }
      case Index(var key, var member, var score) ->
          scores.computeIfAbsent(key, k -> new HashMap<>()).put(member, Optional.of(score));
      case Unindex(var key, var member) ->
          scores.computeIfAbsent(key, k -> new HashMap<>()).put(member, Optional.empty());
      case Include(var key, var member) ->
          sets.computeIfAbsent(key, k -> new HashSet<>()).add(member);
      case Finish finish ->
          finished.computeIfAbsent(finish.key(), k -> new ArrayList<>()).add(finish);
    }
  }

  /// Whether a mutation must not share a batch with what was changed so far.
  public boolean mustGoBefore(Mutation mutation) {
    return mutation instanceof Forget && !finished.isEmpty();
  }

  /// What readers may be waiting for: the views and hashes whose fields were set.
  public Set<Key> touched() {
    Set<Key> touched = new HashSet<>(views);
    touched.addAll(fields.keySet());
    return touched;
  }

  /// Every changed view, as it is now.
  Map<Key, Map<String, String>> views() {
    Map<Key, Map<String, String>> changed = new LinkedHashMap<>(views.size() * 2);
    views.forEach(key -> changed.put(key, cache.fields(key)));
    return changed;
  }

  Map<Key, Map<String, Optional<String>>> fields() {
    return fields;
  }

  Map<Key, Map<String, ByteBuffer>> once() {
    return once;
  }

  Map<Key, Map<String, Long>> sums() {
    return sums;
  }

  /// What begins anew; what is appended to it later in the batch is there already.
  Map<Key, List<ByteBuffer>> written() {
    return written;
  }

  Map<Key, List<ByteBuffer>> appended() {
    return appended;
  }

  Map<Key, Map<String, Optional<Long>>> scores() {
    return scores;
  }

  Map<Key, Set<String>> sets() {
    return sets;
  }

  List<IncrementOnce> counts() {
    return counts;
  }

  Map<Key, List<Finish>> finished() {
    return finished;
  }
}
