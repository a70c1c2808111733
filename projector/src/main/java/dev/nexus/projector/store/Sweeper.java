package dev.nexus.projector.store;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Deletes what nobody reads any more. What a sweep that was cut off left is found by the next one:
/// every reader sweeps when it starts. Whatever its caller believes, nothing is deleted but what
/// Redis says nobody reads, in the step that deletes it.
public final class Sweeper {
  private static final int AT_ONCE = 500;

  private Sweeper() {}

  /// Deletes what generations older than these left. Their text order is their age, and a shadow is
  /// younger than what is read, so it stays.
  ///
  /// @return the number of names
  public static long older(RedisClient client, Map<Slot, String> than) {
    String glob = than.size() == 1 ? than.keySet().iterator().next().glob() : "*:{*}:*";
    return sweep(
        client,
        glob,
        name ->
            !name.generation().isEmpty()
                && than.containsKey(name.slot())
                && name.generation().compareTo(than.getOrDefault(name.slot(), "")) < 0);
  }

  /// Deletes one generation of a partition, a shadow that was given up; gives the number of names.
  public static long generation(RedisClient client, Slot slot, String generation) {
    return sweep(
        client,
        slot.glob(),
        name -> name.slot().equals(slot) && name.generation().equals(generation));
  }

  /// What is to be deleted of a partition.
  ///
  /// @param names behind those of its two positions
  private record Unread(List<String> names, List<byte[]> generations) {}

  private static long sweep(RedisClient client, String glob, Predicate<StoredName> unwanted) {
    try (var own = client.connect(ProjectionStore.CODEC)) {
      var sync = own.sync();
      ScanIterator<String> names =
          ScanIterator.scan(sync, ScanArgs.Builder.matches(glob).limit(1_000));
      Map<Slot, Unread> unread = new HashMap<>();
      int found = 0;
      long swept = 0;
      while (names.hasNext()) {
        String name = names.next();
        Optional<StoredName> parsed = StoredName.parse(name).filter(unwanted);
        if (parsed.isPresent()) {
          add(unread, name, parsed.get());
          found++;
        }
        if (found == AT_ONCE || !names.hasNext()) {
          for (Unread each : unread.values()) {
            swept += unlink(sync, each);
          }
          unread.clear();
          found = 0;
        }
      }
      return swept;
    }
  }

  private static void add(Map<Slot, Unread> unread, String name, StoredName parsed) {
    Slot slot = parsed.slot();
    Unread its =
        unread.computeIfAbsent(
            slot,
            s ->
                new Unread(
                    new ArrayList<>(
                        List.of(s.positionName(Track.LIVE), s.positionName(Track.SHADOW))),
                    new ArrayList<>()));
    its.names().add(name);
    its.generations().add(parsed.generation().getBytes(StandardCharsets.UTF_8));
  }

  private static long unlink(RedisCommands<String, byte[]> redis, Unread unread) {
    Long deleted =
        redis.eval(
            Script.UNLINK_UNREAD.body(),
            ScriptOutputType.INTEGER,
            unread.names().toArray(String[]::new),
            unread.generations().toArray(byte[][]::new));
    return deleted == null ? 0 : deleted;
  }
}
