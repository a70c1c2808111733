package dev.nexus.projector.rebuild;

import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Mutation.Append;
import dev.nexus.projector.store.Mutation.Finish;
import dev.nexus.projector.store.Mutation.Include;
import dev.nexus.projector.store.Mutation.Increment;
import dev.nexus.projector.store.Mutation.IncrementOnce;
import dev.nexus.projector.store.Mutation.Index;
import dev.nexus.projector.store.Mutation.PutFields;
import dev.nexus.projector.store.Mutation.PutOnce;
import dev.nexus.projector.store.Mutation.PutView;
import dev.nexus.projector.store.Mutation.RemoveField;
import dev.nexus.projector.store.Mutation.Unindex;
import dev.nexus.projector.store.Views;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What Redis should hold of one partition, in plain collections: the meaning of every mutation,
/// written a second time and one by one, without batches.
public final class MemoryStore implements Views {
  private final Map<Key, Content> contents = new HashMap<>();

  @Override
  public Map<String, String> fields(Key key) {
    Map<String, String> texts = new HashMap<>();
    if (contents.get(key) instanceof Content.View(var fields)) {
      texts.putAll(fields);
    } else if (contents.get(key) instanceof Content.Hash(var fields)) {
      fields.forEach((field, value) -> texts.put(field, Content.text(value)));
    }
    return texts;
  }

  public void apply(Mutation mutation) {
    switch (mutation) {
      case PutView(var key, var fields) -> view(key).putAll(fields);
      case PutFields(var key, var fields) ->
          fields.forEach((field, value) -> hash(key).put(field, Content.bytes(value)));
      case RemoveField(var key, var field) -> {
        hash(key).remove(field);
        forgetEmpty(key);
      }
      case PutOnce(var key, var field, var value) ->
          hash(key).putIfAbsent(field, Content.latin(value));
      case Increment(var key, var field, var by) -> increment(key, field, by);
      case IncrementOnce once -> incrementOnce(once);
      case Append(var key, var value) -> bytes(key).append(Content.latin(value));
      case Index(var key, var member, var score) -> scores(key).put(member, score);
      case Unindex(var key, var member) -> unindex(key, member);
      case Include(var key, var member) -> scores(key).put(member, 0L);
      case Finish(var key, var execution, var kept) -> {
        list(key).add(execution);
        evict(list(key), kept);
      }
    }
  }

  private void increment(Key key, String field, long by) {
    hash(key)
        .merge(
            field,
            Long.toString(by),
            (old, add) -> Long.toString(sum(Long.parseLong(old), Long.parseLong(add))));
  }

  /// A sum beyond what Redis can count stays at the limit, as in the apply script.
  private static long sum(long old, long add) {
    try {
      return Math.addExact(old, add);
    } catch (ArithmeticException e) {
      return add < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  private void incrementOnce(IncrementOnce once) {
    Map<String, Long> seen = scores(once.seen());
    if (seen.putIfAbsent(once.member(), once.position()) == null) {
      increment(once.key(), once.field(), once.by());
      while (seen.size() > once.kept()) {
        seen.remove(lowest(seen));
      }
    }
  }

  private void evict(List<String> finished, int kept) {
    while (finished.size() > kept) {
      String oldest = finished.removeFirst();
      int slash = oldest.indexOf('/');
      String tenant = oldest.substring(0, slash);
      String id = oldest.substring(slash + 1);
      Map<String, String> summary = fields(new Key(tenant, "x/" + id));
      String app = summary.getOrDefault("app", "");
      unindex(new Key(tenant, "i"), id);
      unindex(new Key(tenant, "i/c/" + app + "/" + summary.getOrDefault("component", "")), id);
      unindex(new Key(tenant, "i/s/" + summary.getOrDefault("status", "")), id);
      contents.remove(new Key(tenant, "x/" + id));
      contents.remove(new Key(tenant, "f/" + id));
    }
  }

  /// What is cut was put in with rising scores, so the first is the lowest.
  private static String lowest(Map<String, Long> scores) {
    return scores.keySet().iterator().next();
  }

  private void unindex(Key key, String member) {
    scores(key).remove(member);
    forgetEmpty(key);
  }

  /// Redis keeps no empty collections.
  private void forgetEmpty(Key key) {
    Content known = contents.get(key);
    if (known != null && known.isEmpty()) {
      contents.remove(key);
    }
  }

  private Map<String, String> view(Key key) {
    if (contents.computeIfAbsent(key, k -> new Content.View(new TreeMap<>()))
        instanceof Content.View(var fields)) {
      return fields;
    }
    throw wrongKind(key);
  }

  private StringBuilder bytes(Key key) {
    if (contents.computeIfAbsent(key, k -> new Content.Bytes(new StringBuilder()))
        instanceof Content.Bytes(var latin)) {
      return latin;
    }
    throw wrongKind(key);
  }

  private Map<String, String> hash(Key key) {
    if (contents.computeIfAbsent(key, k -> new Content.Hash(new TreeMap<>()))
        instanceof Content.Hash(var fields)) {
      return fields;
    }
    throw wrongKind(key);
  }

  private List<String> list(Key key) {
    if (contents.computeIfAbsent(key, k -> new Content.Items(new ArrayList<>()))
        instanceof Content.Items(var items)) {
      return items;
    }
    throw wrongKind(key);
  }

  private Map<String, Long> scores(Key key) {
    if (contents.computeIfAbsent(key, k -> new Content.Scores(new LinkedHashMap<>()))
        instanceof Content.Scores(var scores)) {
      return scores;
    }
    throw wrongKind(key);
  }

  private static IllegalStateException wrongKind(Key key) {
    return new IllegalStateException(key + " is used as two kinds of collection");
  }

  /// Everything, by name without partition and generation.
  public Map<Key, Content> contents() {
    return contents;
  }

  /// A collection under one name. Binary values are text in Latin-1, so that they compare.
  public sealed interface Content {
    boolean isEmpty();

    record View(Map<String, String> fields) implements Content {
      @Override
      public boolean isEmpty() {
        return fields.isEmpty();
      }
    }

    record Bytes(StringBuilder latin) implements Content {
      @Override
      public boolean isEmpty() {
        return latin.isEmpty();
      }

      @Override
      public boolean equals(@Nullable Object other) {
        return other instanceof Bytes(var bytes) && latin.compareTo(bytes) == 0;
      }

      @Override
      public int hashCode() {
        return latin.length();
      }
    }

    record Hash(Map<String, String> fields) implements Content {
      @Override
      public boolean isEmpty() {
        return fields.isEmpty();
      }
    }

    record Items(List<String> items) implements Content {
      @Override
      public boolean isEmpty() {
        return items.isEmpty();
      }
    }

    /// A sorted set, or a set with all scores 0.
    record Scores(Map<String, Long> scores) implements Content {
      @Override
      public boolean isEmpty() {
        return scores.isEmpty();
      }
    }

    static String latin(ByteBuffer value) {
      return StandardCharsets.ISO_8859_1.decode(value.duplicate()).toString();
    }

    static String latin(byte[] value) {
      return new String(value, StandardCharsets.ISO_8859_1);
    }

    private static String bytes(String value) {
      return latin(value.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String latin) {
      return new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
  }
}
