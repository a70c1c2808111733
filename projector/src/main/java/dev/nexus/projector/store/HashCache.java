package dev.nexus.projector.store;

import dev.nexus.projector.store.Mutation.Increment;
import dev.nexus.projector.store.Mutation.PutFields;
import dev.nexus.projector.store.Mutation.RemoveField;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The hashes of one partition that were read or written last. Right as long as nobody else moves
/// the partition's position; the owner clears it when somebody did. For one thread.
public final class HashCache implements Views {
  private final Map<Key, Map<String, String>> hashes;

  public HashCache(int capacity) {
    this.hashes =
        new LinkedHashMap<>(capacity * 2, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Key, Map<String, String>> eldest) {
            return size() > capacity;
          }
        };
  }

  /// Those of `keys` that must be read first; the others become the newest.
  public List<Key> missing(Collection<Key> keys) {
    return keys.stream().filter(key -> hashes.get(key) == null).toList();
  }

  public void learn(Key key, Map<String, String> fields) {
    hashes.put(key, new HashMap<>(fields));
  }

  @Override
  public Map<String, String> fields(Key key) {
    Map<String, String> known = hashes.get(key);
    if (known == null) {
      throw new IllegalStateException("hash " + key + " was not named by the fold");
    }
    return known;
  }

  /// Follows a change of a hash that is known here.
  public void apply(Mutation mutation) {
    switch (mutation) {
      case PutFields(var key, var fields) -> {
        Map<String, String> known = hashes.get(key);
        if (known != null) {
          known.putAll(fields);
        }
      }
      case Increment(var key, var field, var by) -> {
        Map<String, String> known = hashes.get(key);
        if (known != null) {
          known.merge(
              field,
              Long.toString(by),
              (old, add) -> Long.toString(Long.parseLong(old) + Long.parseLong(add)));
        }
      }
      case RemoveField(var key, var field) -> {
        Map<String, String> known = hashes.get(key);
        if (known != null) {
          known.remove(field);
        }
      }
      case Mutation.PutOnce once -> {}
      case Mutation.IncrementOnce once -> {}
      case Mutation.Append append -> {}
      case Mutation.Index index -> {}
      case Mutation.Unindex unindex -> {}
      case Mutation.Include include -> {}
      case Mutation.EvictFinished evict -> {}
    }
  }

  public void clear() {
    hashes.clear();
  }
}
