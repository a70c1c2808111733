package dev.nexus.projector.rebuild;

import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredName;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Whether Redis has room for a second copy of what it holds. Where Redis has a limit of its own
/// that counts, else the free memory of the machine: of a limit of its container it says nothing.
final class RedisRoom implements AutoCloseable {
  private static final int AT_ONCE = 500;

  private final StatefulRedisConnection<String, byte[]> connection;
  private final MachineMemory machine;

  RedisRoom(RedisClient client, MachineMemory machine) {
    this.connection = client.connect(ProjectionStore.CODEC);
    this.machine = machine;
  }

  /// What there is.
  ///
  /// @param free bytes
  /// @param total bytes, of which `free` are left
  /// @param limit what sets it, for a person
  record Room(long free, long total, String limit) {
    /// So little that those who write what is read may fail soon.
    boolean exhausted() {
      return free < total / 50;
    }
  }

  Room room() {
    Map<String, Long> info = info();
    long most = info.getOrDefault("maxmemory", 0L);
    if (most > 0) {
      return new Room(most - info.getOrDefault("used_memory", 0L), most, "its maxmemory");
    }
    long total = info.getOrDefault("total_system_memory", Long.MAX_VALUE);
    long rest = total - info.getOrDefault("used_memory_rss", 0L);
    return new Room(Math.min(rest, machine.available(rest)), total, "the memory of its machine");
  }

  private Map<String, Long> info() {
    Map<String, Long> info = new HashMap<>();
    connection
        .sync()
        .info("memory")
        .lines()
        .forEach(
            line -> {
              int colon = line.indexOf(':');
              if (colon > 0 && line.substring(colon + 1).strip().matches("[0-9]{1,18}")) {
                info.put(
                    line.substring(0, colon), Long.parseLong(line.substring(colon + 1).strip()));
              }
            });
    return info;
  }

  /// Bytes that Redis uses for generations, by partition and generation.
  Map<Slot, Map<String, Long>> sizes(Set<Slot> slots) {
    Map<Slot, Map<String, Long>> sizes = new HashMap<>();
    ScanIterator<String> names =
        ScanIterator.scan(connection.sync(), ScanArgs.Builder.matches("*:{*}:*").limit(AT_ONCE));
    Map<StoredName, RedisFuture<Long>> asked = new HashMap<>();
    while (names.hasNext()) {
      String name = names.next();
      StoredName.parse(name)
          .filter(parsed -> slots.contains(parsed.slot()))
          .ifPresent(parsed -> asked.put(parsed, connection.async().memoryUsage(name)));
      if (asked.size() == AT_ONCE || !names.hasNext()) {
        add(asked, sizes);
        asked.clear();
      }
    }
    return sizes;
  }

  private void add(Map<StoredName, RedisFuture<Long>> asked, Map<Slot, Map<String, Long>> sizes) {
    asked.forEach(
        (name, usage) -> {
          Long bytes =
              LettuceFutures.awaitOrCancel(
                  usage, connection.getTimeout().toMillis(), TimeUnit.MILLISECONDS);
          sizes
              .computeIfAbsent(name.slot(), slot -> new HashMap<>())
              .merge(name.generation(), bytes == null ? 0 : bytes, Long::sum);
        });
  }

  @Override
  public void close() {
    connection.close();
  }
}
