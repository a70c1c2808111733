package dev.nexus.projector.rebuild;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Named values: what a fold keeps, whatever it is kept in. For one thread.
interface Items extends AutoCloseable {
  byte @Nullable [] get(String name);

  /// From here on the items own `value`.
  void put(String name, byte[] value);

  void remove(String name);

  /// Every item whose name begins so, in no particular order; `each` must not change any.
  void each(String prefix, BiConsumer<String, byte[]> each);

  @Override
  void close();
}
