package dev.nexus.projector.rebuild;

import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Items in memory, all of them.
final class HeapItems implements Items {
  private final TreeMap<String, byte[]> values = new TreeMap<>();

  @Override
  public byte @Nullable [] get(String name) {
    return values.get(name);
  }

  @Override
  public void put(String name, byte[] value) {
    values.put(name, value);
  }

  @Override
  public void remove(String name) {
    values.remove(name);
  }

  @Override
  public void each(String prefix, BiConsumer<String, byte[]> each) {
    for (var entry : values.tailMap(prefix).entrySet()) {
      if (!entry.getKey().startsWith(prefix)) {
        return;
      }
      each.accept(entry.getKey(), entry.getValue());
    }
  }

  @Override
  public void close() {
    values.clear();
  }
}
