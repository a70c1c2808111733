package dev.nexus.projector.store;

import dev.nexus.projector.store.Mutation.Append;
import dev.nexus.projector.store.Mutation.EvictFinished;
import dev.nexus.projector.store.Mutation.Include;
import dev.nexus.projector.store.Mutation.Increment;
import dev.nexus.projector.store.Mutation.IncrementOnce;
import dev.nexus.projector.store.Mutation.Index;
import dev.nexus.projector.store.Mutation.PutFields;
import dev.nexus.projector.store.Mutation.PutOnce;
import dev.nexus.projector.store.Mutation.RemoveField;
import dev.nexus.projector.store.Mutation.Unindex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The changes of one batch, merged: a thousand facts touch a component's counters a thousand
/// times, Redis once. Merging keeps the outcome: fields and scores are last-wins, sums add up,
/// lists keep their order, and evictions come last.
public final class Changes {
  private final Map<Key, Map<String, Optional<String>>> fields = new LinkedHashMap<>();
  private final Map<Key, Map<String, ByteBuffer>> once = new LinkedHashMap<>();
  private final Map<Key, Map<String, Long>> sums = new LinkedHashMap<>();
  private final Map<Key, List<ByteBuffer>> lists = new LinkedHashMap<>();
  private final Map<Key, Map<String, Optional<Long>>> scores = new LinkedHashMap<>();
  private final Map<Key, Set<String>> sets = new LinkedHashMap<>();
  private final List<IncrementOnce> counts = new ArrayList<>();
  private final Map<Key, EvictFinished> evictions = new LinkedHashMap<>();

  public void add(Mutation mutation) {
    switch (mutation) {
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
      case Append(var key, var value) ->
          lists.computeIfAbsent(key, k -> new ArrayList<>()).add(value);
      case Index(var key, var member, var score) ->
          scores.computeIfAbsent(key, k -> new HashMap<>()).put(member, Optional.of(score));
      case Unindex(var key, var member) ->
          scores.computeIfAbsent(key, k -> new HashMap<>()).put(member, Optional.empty());
      case Include(var key, var member) ->
          sets.computeIfAbsent(key, k -> new java.util.HashSet<>()).add(member);
      case EvictFinished evict -> evictions.put(evict.key(), evict);
    }
  }

  /// The hashes whose fields were set: what readers may be waiting for.
  public Set<Key> touched() {
    return fields.keySet();
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

  Map<Key, List<ByteBuffer>> lists() {
    return lists;
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

  Iterable<EvictFinished> evictions() {
    return evictions.values();
  }
}
