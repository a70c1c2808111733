package dev.nexus.projector.rebuild;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Items of which the newest used are in memory, up to a limit, and the others in files that are
/// deleted at the end: so a partition of any size can be folded beside a running platform. Nothing
/// is written as long as everything fits.
final class SpilledItems implements Items {
  /// What an entry takes besides its name and value, bytes, about.
  private static final int OVERHEAD = 160;

  private final Path directory;
  private final long mostBytes;
  private final LinkedHashMap<String, Held> held = new LinkedHashMap<>(1_024, 0.75f, true);
  private long bytes;
  private @Nullable SpillFile spilled;

  /// `changed` says that the file does not have it so.
  private record Held(byte[] value, boolean changed) {}

  /// @param mostBytes kept in memory, about
  SpilledItems(Path directory, long mostBytes) {
    this.directory = directory;
    this.mostBytes = mostBytes;
  }

  @Override
  public byte @Nullable [] get(String name) {
    Held known = held.get(name);
    if (known != null) {
      return known.value();
    }
    byte[] found = spilled == null ? null : spilled.get(name);
    if (found != null) {
      hold(name, new Held(found, false));
    }
    return found;
  }

  @Override
  public void put(String name, byte[] value) {
    hold(name, new Held(value, true));
  }

  private void hold(String name, Held one) {
    Held before = held.put(name, one);
    bytes += one.value().length - (before == null ? -size(name) : before.value().length);
    Iterator<Map.Entry<String, Held>> eldest = held.entrySet().iterator();
    while (bytes > mostBytes && held.size() > 1) {
      var entry = eldest.next();
      if (entry.getValue().changed()) {
        file().put(entry.getKey(), entry.getValue().value());
      }
      bytes -= size(entry.getKey()) + entry.getValue().value().length;
      eldest.remove();
    }
  }

  private SpillFile file() {
    if (spilled == null) {
      spilled = new SpillFile(directory);
    }
    return spilled;
  }

  private static int size(String name) {
    return name.length() + OVERHEAD;
  }

  @Override
  public void remove(String name) {
    Held before = held.remove(name);
    if (before != null) {
      bytes -= size(name) + before.value().length;
    }
    if (spilled != null) {
      spilled.remove(name);
    }
  }

  @Override
  public void each(String prefix, BiConsumer<String, byte[]> each) {
    held.forEach(
        (name, one) -> {
          if (name.startsWith(prefix)) {
            each.accept(name, one.value());
          }
        });
    if (spilled != null) {
      spilled.each(
          (name, value) -> {
            if (name.startsWith(prefix) && !held.containsKey(name)) {
              each.accept(name, value);
            }
          });
    }
  }

  /// Bytes on disk.
  long spilledBytes() {
    return spilled == null ? 0 : spilled.bytes();
  }

  @Override
  public void close() {
    held.clear();
    if (spilled != null) {
      spilled.close();
      spilled = null;
    }
  }
}
