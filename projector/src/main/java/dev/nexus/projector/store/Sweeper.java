package dev.nexus.projector.store;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Deletes what nobody reads any more. What a sweep that was cut off left is found by the next one:
/// every reader sweeps when it starts.
public final class Sweeper {
  private static final int AT_ONCE = 500;

  private Sweeper() {}

  /// Deletes what older generations left, `live` being those that are read. Their text order is
  /// their age, and a shadow is younger than what is read, so it stays.
  ///
  /// @return the number of names
  public static long older(RedisClient client, Map<Slot, String> live) {
    String glob = live.size() == 1 ? live.keySet().iterator().next().glob() : "*:{*}:*";
    return sweep(
        client,
        glob,
        name ->
            !name.generation().isEmpty()
                && live.containsKey(name.slot())
                && name.generation().compareTo(live.getOrDefault(name.slot(), "")) < 0);
  }

  /// Deletes one generation of a partition; gives the number of names.
  public static long generation(RedisClient client, Slot slot, String generation) {
    return sweep(
        client,
        slot.glob(),
        name -> name.slot().equals(slot) && name.generation().equals(generation));
  }

  private static long sweep(RedisClient client, String glob, Predicate<StoredName> unwanted) {
    try (var own = client.connect(ProjectionStore.CODEC)) {
      var sync = own.sync();
      ScanIterator<String> names =
          ScanIterator.scan(sync, ScanArgs.Builder.matches(glob).limit(1_000));
      List<String> old = new ArrayList<>();
      long swept = 0;
      while (names.hasNext()) {
        String name = names.next();
        Optional<StoredName> parsed = StoredName.parse(name);
        if (parsed.isPresent() && unwanted.test(parsed.get())) {
          old.add(name);
        }
        if (old.size() == AT_ONCE || (!names.hasNext() && !old.isEmpty())) {
          swept += sync.unlink(old.toArray(String[]::new));
          old.clear();
        }
      }
      return swept;
    }
  }
}
