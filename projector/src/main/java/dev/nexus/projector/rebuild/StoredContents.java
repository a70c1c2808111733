package dev.nexus.projector.rebuild;

import dev.nexus.projector.rebuild.MemoryStore.Content;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.ViewText;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Reads everything Redis holds of one partition's generation. For proofs, not for queries.
final class StoredContents {
  private StoredContents() {}

  static Map<Key, Content> of(RedisClient client, Slot slot, String generation) {
    Map<Key, Content> contents = new HashMap<>();
    try (var connection = client.connect(ProjectionStore.CODEC)) {
      RedisCommands<String, byte[]> redis = connection.sync();
      String infix = slot.name(generation, new Key("", ""));
      ScanIterator<String> names =
          ScanIterator.scan(redis, ScanArgs.Builder.matches("*" + infix + "*").limit(1_000));
      while (names.hasNext()) {
        String name = names.next();
        int at = name.indexOf(infix);
        Key key = new Key(name.substring(0, at), name.substring(at + infix.length()));
        contents.put(key, read(redis, name));
      }
    }
    return contents;
  }

  private static Content read(RedisCommands<String, byte[]> redis, String name) {
    String type = redis.type(name);
    return switch (type) {
      case "string" -> text(redis.get(name));
      case "hash" -> {
        Map<String, String> fields = new TreeMap<>();
        redis.hgetall(name).forEach((field, value) -> fields.put(field, Content.latin(value)));
        yield new Content.Hash(fields);
      }
      case "list" -> {
        List<String> items = new ArrayList<>();
        redis.lrange(name, 0, -1).forEach(item -> items.add(Content.latin(item)));
        yield new Content.Items(items);
      }
      case "zset" -> {
        Map<String, Long> scores = new TreeMap<>();
        redis
            .zrangeWithScores(name, 0, -1)
            .forEach(one -> scores.put(Content.latin(one.getValue()), (long) one.getScore()));
        yield new Content.Scores(scores);
      }
      case "set" -> {
        Map<String, Long> members = new TreeMap<>();
        redis.smembers(name).forEach(member -> members.put(Content.latin(member), 0L));
        yield new Content.Scores(members);
      }
      default -> throw new IllegalStateException(name + " is a " + type + ", which we never write");
    };
  }

  /// A view begins with a line break, appended facts with an offset.
  private static Content text(byte[] value) {
    return value.length > 0 && value[0] == '\n'
        ? new Content.View(ViewText.read(new String(value, StandardCharsets.UTF_8)))
        : new Content.Bytes(new StringBuilder(Content.latin(value)));
  }
}
