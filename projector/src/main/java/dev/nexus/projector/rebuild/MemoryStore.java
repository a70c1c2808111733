package dev.nexus.projector.rebuild;

import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.snapshot.SnapshotSeries;
import dev.nexus.projector.store.Head;
import dev.nexus.projector.store.ItemName;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Mutation.Append;
import dev.nexus.projector.store.Mutation.Finish;
import dev.nexus.projector.store.Mutation.Forget;
import dev.nexus.projector.store.Mutation.Include;
import dev.nexus.projector.store.Mutation.Increment;
import dev.nexus.projector.store.Mutation.IncrementOnce;
import dev.nexus.projector.store.Mutation.Index;
import dev.nexus.projector.store.Mutation.PutBytes;
import dev.nexus.projector.store.Mutation.PutFields;
import dev.nexus.projector.store.Mutation.PutOnce;
import dev.nexus.projector.store.Mutation.PutView;
import dev.nexus.projector.store.Mutation.RemoveField;
import dev.nexus.projector.store.Mutation.Unindex;
import dev.nexus.projector.store.ViewText;
import dev.nexus.projector.store.Views;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What Redis should hold of one partition: the meaning of every mutation, written a second time
/// and one by one, without batches and without Redis. Each name has a head with its kind; fields,
/// members and elements are items of their own, so that a large collection need not be in memory.
public final class MemoryStore implements Views, AutoCloseable {
  private static final byte[] NOTHING = {};

  private final Items items;

  /// Everything in memory.
  public MemoryStore() {
    this(new HeapItems());
  }

  MemoryStore(Items items) {
    this.items = items;
  }

  @Override
  public Map<String, String> fields(Key key) {
    return switch (head(key)) {
      case Head.View(var text) -> ViewText.read(text(text));
      case Head.Fields _ -> {
        Map<String, String> fields = new TreeMap<>();
        parts(key, (field, value) -> fields.put(field, text(value)));
        yield fields;
      }
      case null -> Map.of();
      case Head.Bytes _, Head.Members _, Head.Elements _ -> Map.of();
    };
  }

  public void apply(Mutation mutation) {
    switch (mutation) {
      case PutView(var key, var fields) -> putView(key, fields);
      case Forget(var key) -> items.remove(name(key));
      case PutFields(var key, var fields) ->
          fields.forEach((field, value) -> putField(key, field, bytes(value)));
      case RemoveField(var key, var field) -> removeField(key, field);
      case PutOnce(var key, var field, var value) -> {
        if (items.get(field(key, field)) == null) {
          putField(key, field, bytes(value));
        }
      }
      case Increment(var key, var field, var by) -> increment(key, field, by);
      case IncrementOnce once -> incrementOnce(once);
      case PutBytes(var key, var value) -> put(key, new Head.Bytes(bytes(value)));
      case Append(var key, var value) -> append(key, value);
      case Index(var key, var member, var score) -> putMember(key, true, member, number(score));
      case Unindex(var key, var member) -> removeMember(key, member);
      case Include(var key, var member) -> putMember(key, false, member, NOTHING);
      case Finish(var key, var execution, var kept) -> {
        push(key, execution);
        evict(key, kept);
      }
    }
  }

  private void putView(Key key, Map<String, String> changed) {
    Map<String, String> fields =
        switch (head(key)) {
          case Head.View(var text) -> ViewText.read(text(text));
          case null -> new HashMap<>();
          case Head _ -> throw wrongKind(key);
        };
    fields.putAll(changed);
    put(key, new Head.View(bytes(ViewText.write(fields))));
  }

  private void append(Key key, ByteBuffer value) {
    byte[] before =
        switch (head(key)) {
          case Head.Bytes(var known) -> known;
          case null -> NOTHING;
          case Head _ -> throw wrongKind(key);
        };
    byte[] all = Arrays.copyOf(before, before.length + value.remaining());
    value.duplicate().get(all, before.length, value.remaining());
    put(key, new Head.Bytes(all));
  }

  private long count(Key key) {
    return switch (head(key)) {
      case Head.Fields(var count) -> count;
      case null -> 0;
      case Head _ -> throw wrongKind(key);
    };
  }

  private void putField(Key key, String field, byte[] value) {
    long count = count(key);
    if (items.get(field(key, field)) == null) {
      put(key, new Head.Fields(count + 1));
    }
    items.put(field(key, field), value);
  }

  private void removeField(Key key, String field) {
    if (items.get(field(key, field)) != null) {
      items.remove(field(key, field));
      putUnlessEmpty(key, count(key) - 1, Head.Fields::new);
    }
  }

  private interface Counted {
    Head of(long count);
  }

  /// Redis keeps no empty collections.
  private void putUnlessEmpty(Key key, long count, Counted head) {
    if (count == 0) {
      items.remove(name(key));
    } else {
      put(key, head.of(count));
    }
  }

  private void increment(Key key, String field, long by) {
    byte[] old = items.get(field(key, field));
    putField(key, field, number(old == null ? by : sum(Long.parseLong(text(old)), by)));
  }

  /// A sum beyond what Redis can count stays at the limit, as in the apply script.
  private static long sum(long old, long add) {
    try {
      return Math.addExact(old, add);
    } catch (ArithmeticException e) {
      return add < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  private Head.Members members(Key key, boolean scored) {
    return switch (head(key)) {
      case Head.Members known when known.scored() == scored -> known;
      case null -> new Head.Members(scored, 0, 0, 0);
      case Head _ -> throw wrongKind(key);
    };
  }

  private void putMember(Key key, boolean scored, String member, byte[] score) {
    Head.Members known = members(key, scored);
    if (items.get(member(key, scored, member)) == null) {
      put(key, new Head.Members(scored, known.count() + 1, known.first(), known.next()));
    }
    items.put(member(key, scored, member), score);
  }

  private void removeMember(Key key, String member) {
    if (items.get(member(key, true, member)) != null) {
      Head.Members known = members(key, true);
      items.remove(member(key, true, member));
      putUnlessEmpty(
          key,
          known.count() - 1,
          count -> new Head.Members(true, count, known.first(), known.next()));
    }
  }

  /// What is cut was put in with rising scores, so the first is the lowest.
  private void incrementOnce(IncrementOnce once) {
    Key seen = once.seen();
    if (items.get(member(seen, true, once.member())) != null) {
      return;
    }
    increment(once.key(), once.field(), once.by());
    putMember(seen, true, once.member(), number(once.position()));
    Head.Members known = members(seen, true);
    items.put(order(seen, known.next()), bytes(once.member()));
    long first = known.first();
    long count = known.count();
    while (count > once.kept()) {
      items.remove(member(seen, true, text(required(order(seen, first)))));
      items.remove(order(seen, first));
      first++;
      count--;
    }
    put(seen, new Head.Members(true, count, first, known.next() + 1));
  }

  private Head.Elements elements(Key key) {
    return switch (head(key)) {
      case Head.Elements known -> known;
      case null -> new Head.Elements(0, 0);
      case Head _ -> throw wrongKind(key);
    };
  }

  private void push(Key key, String value) {
    Head.Elements known = elements(key);
    items.put(element(key, known.next()), bytes(value));
    put(key, new Head.Elements(known.first(), known.next() + 1));
  }

  private void evict(Key finished, int kept) {
    Head.Elements known = elements(finished);
    long first = known.first();
    while (known.next() - first > kept) {
      String oldest = text(required(element(finished, first)));
      items.remove(element(finished, first));
      first++;
      int slash = oldest.indexOf('/');
      String tenant = oldest.substring(0, slash);
      String id = oldest.substring(slash + 1);
      Map<String, String> summary = fields(new Key(tenant, "x/" + id));
      String app = summary.getOrDefault("app", "");
      removeMember(new Key(tenant, "i"), id);
      removeMember(new Key(tenant, "i/c/" + app + "/" + summary.getOrDefault("component", "")), id);
      removeMember(new Key(tenant, "i/s/" + summary.getOrDefault("status", "")), id);
      items.remove(name(new Key(tenant, "x/" + id)));
      items.remove(name(new Key(tenant, "f/" + id)));
    }
    put(finished, new Head.Elements(first, known.next()));
  }

  private byte[] required(String item) {
    byte[] value = items.get(item);
    if (value == null) {
      throw new IllegalStateException("item " + item.replace('\0', ' ') + " is missing");
    }
    return value;
  }

  private static IllegalStateException wrongKind(Key key) {
    return new IllegalStateException(key + " is used as two kinds of collection");
  }

  private static String name(Key key) {
    return ItemName.head(key);
  }

  private static String field(Key key, String field) {
    return ItemName.part(key, ItemName.FIELD, field);
  }

  private static String member(Key key, boolean scored, String member) {
    return ItemName.part(key, scored ? ItemName.SCORED : ItemName.MEMBER, member);
  }

  private static String element(Key key, long number) {
    return ItemName.part(key, ItemName.ELEMENT, number);
  }

  private static String order(Key key, long number) {
    return ItemName.part(key, ItemName.ORDER, number);
  }

  /// What stands under a name; null for nothing.
  @Nullable Head head(Key key) {
    byte[] head = items.get(name(key));
    return head == null ? null : Head.read(head);
  }

  private void put(Key key, Head head) {
    items.put(name(key), head.written());
  }

  /// A field's value or a member's score; nothing where there is none.
  Optional<byte[]> value(Key key, String part) {
    Head head = head(key);
    return head == null
        ? Optional.empty()
        : Optional.ofNullable(items.get(ItemName.part(key, head.partKind(), part)));
  }

  Optional<byte[]> elementAt(Key key, long number) {
    return Optional.ofNullable(items.get(element(key, number)));
  }

  /// Every field with its value, or every member with its score.
  void parts(Key key, BiConsumer<String, byte[]> each) {
    Head head = head(key);
    if (head != null) {
      String prefix = ItemName.prefix(key, head.partKind());
      items.each(prefix, (item, value) -> each.accept(item.substring(prefix.length()), value));
    }
  }

  /// Everything, item by item, in no particular order; as a snapshot holds it.
  void items(BiConsumer<String, byte[]> each) {
    items.each("", each);
  }

  /// Takes what a snapshot of such a store holds, before anything is applied.
  void restore(SnapshotSeries snapshots, SnapshotTaken taken) {
    snapshots.read(taken, (item, value) -> items.put(text(item), value));
  }

  /// Every name there is.
  void names(java.util.function.Consumer<Key> each) {
    items.each(
        "",
        (item, head) -> {
          if (ItemName.isHead(item)) {
            each.accept(ItemName.parse(item).key());
          }
        });
  }

  /// Everything, by name without partition and generation. For what fits in memory.
  public Map<Key, Content> contents() {
    Map<Key, Content> contents = new HashMap<>();
    names(key -> contents.put(key, content(key)));
    return contents;
  }

  private Content content(Key key) {
    return switch (head(key)) {
      case Head.View(var text) -> new Content.View(new TreeMap<>(ViewText.read(text(text))));
      case Head.Bytes(var value) -> new Content.Bytes(latin(value));
      case Head.Fields _ -> {
        Map<String, String> fields = new TreeMap<>();
        parts(key, (field, value) -> fields.put(field, latin(value)));
        yield new Content.Hash(fields);
      }
      case Head.Members(var scored, _, _, _) -> {
        Map<String, Long> scores = new LinkedHashMap<>();
        parts(key, (member, score) -> scores.put(member, scored ? Long.parseLong(text(score)) : 0));
        yield new Content.Scores(scores);
      }
      case Head.Elements(var first, var next) -> {
        List<String> elements = new ArrayList<>();
        for (long number = first; number < next; number++) {
          elements.add(latin(required(element(key, number))));
        }
        yield new Content.Items(elements);
      }
      case null -> throw new IllegalStateException(key + " has gone");
    };
  }

  static byte[] number(long value) {
    return Long.toString(value).getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] bytes(String value) {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.duplicate().get(bytes);
    return bytes;
  }

  static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  private static String latin(byte[] value) {
    return new String(value, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    items.close();
  }
}
