package dev.nexus.projector.store;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The views of one partition that were read or written last. Right as long as nobody else moves
/// the partition's position; the owner clears it when somebody did. For one thread.
public final class ViewCache implements Views {
  private final Map<Key, Map<String, String>> views;
  private int capacity;

  public ViewCache(int capacity) {
    this.capacity = capacity;
    this.views =
        new LinkedHashMap<>(capacity * 2, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Key, Map<String, String>> eldest) {
            return size() > ViewCache.this.capacity;
          }
        };
  }

  /// From here on at least so many stay, the newest.
  public void keepAtLeast(int views) {
    capacity = Math.max(capacity, views);
  }

  /// Those of `keys` that must be read first; the others become the newest.
  public List<Key> missing(Collection<Key> keys) {
    return keys.stream().filter(key -> views.get(key) == null).toList();
  }

  /// From here on the cache owns `fields`.
  public void learn(Key key, Map<String, String> fields) {
    views.put(key, fields);
  }

  @Override
  public Map<String, String> fields(Key key) {
    Map<String, String> known = views.get(key);
    if (known == null) {
      throw new IllegalStateException("view " + key + " was not named by the fold");
    }
    return known;
  }

  /// Follows a change of a view.
  void put(Key key, Map<String, String> fields) {
    fields(key).putAll(fields);
  }

  /// The view is empty from here on.
  void forget(Key key) {
    fields(key).clear();
  }

  public void clear() {
    views.clear();
  }
}
