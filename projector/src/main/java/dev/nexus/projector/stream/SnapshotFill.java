package dev.nexus.projector.stream;

import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.snapshot.SnapshotStore;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.projector.store.Changes;
import dev.nexus.projector.store.Head;
import dev.nexus.projector.store.ItemName;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Mutation.Append;
import dev.nexus.projector.store.Mutation.Finish;
import dev.nexus.projector.store.Mutation.Include;
import dev.nexus.projector.store.Mutation.Index;
import dev.nexus.projector.store.Mutation.PutOnce;
import dev.nexus.projector.store.Mutation.PutView;
import dev.nexus.projector.store.ViewText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Fills a generation that was just begun with what a snapshot holds, in batches as a fold makes
/// them. On the way its position is negative: how many entries are missing. So a fill that was cut
/// off is seen, and the generation is begun anew.
public final class SnapshotFill {
  private static final int ENTRIES_AT_ONCE = 500;
  private static final int BYTES_AT_ONCE = 1 << 20;

  private final PartitionFold<?> fold;
  private final SnapshotTaken snapshot;
  private final SnapshotStore files;
  private final Runnable pulse;
  private final Map<Key, SortedMap<Long, String>> lists = new LinkedHashMap<>();
  private Changes changes;
  private long taken;
  private int entries;
  private int bytes;

  /// @param pulse called now and then; may throw to break off
  public SnapshotFill(
      PartitionFold<?> fold, SnapshotTaken snapshot, SnapshotStore files, Runnable pulse) {
    this.fold = fold;
    this.snapshot = snapshot;
    this.files = files;
    this.pulse = pulse;
    this.changes = fold.newChanges();
  }

  /// The position at which a generation begins that a snapshot is to fill.
  public static long beginning(SnapshotTaken snapshot) {
    return -snapshot.entries() - 1;
  }

  /// Whether a generation is not filled yet.
  public static boolean unfinished(Mark mark) {
    return mark.next() < 0;
  }

  /// Returns when all of it was applied, with the position behind the snapshot; throws
  /// `StoreFailedException` when another projector has begun the partition anew meanwhile.
  public Mark run() {
    files.read(snapshot.file(), this::put);
    flush();
    lists.forEach(this::push);
    send(snapshot.next(), Imprint.read(snapshot.last()));
    if (!fold.settleAll()) {
      throw new StoreFailedException("another projector has begun " + fold.slot() + " anew", null);
    }
    return fold.mark();
  }

  private void put(byte[] name, byte[] value) {
    taken++;
    ItemName item = ItemName.parse(text(name));
    switch (item.kind()) {
      case ItemName.HEAD -> head(item.key(), Head.read(value));
      case ItemName.FIELD -> add(new PutOnce(item.key(), item.part(), ByteBuffer.wrap(value)));
      case ItemName.SCORED -> add(new Index(item.key(), item.part(), Long.parseLong(text(value))));
      case ItemName.MEMBER -> add(new Include(item.key(), item.part()));
      case ItemName.ELEMENT ->
          lists
              .computeIfAbsent(item.key(), k -> new TreeMap<>())
              .put(Long.valueOf(item.part()), text(value));
      case ItemName.ORDER -> {} // Redis has it in the scores
      default -> throw new IllegalStateException("unknown kind of item: " + item);
    }
    entries++;
    bytes += name.length + value.length;
    if (entries >= ENTRIES_AT_ONCE || bytes >= BYTES_AT_ONCE) {
      flush();
    }
  }

  private void head(Key key, Head head) {
    switch (head) {
      case Head.View(var written) -> {
        fold.learnEmpty(key);
        add(new PutView(key, ViewText.read(text(written))));
      }
      case Head.Bytes(var content) -> add(new Append(key, ByteBuffer.wrap(content)));
      case Head.Fields _,
          Head.Members _,
          Head.Elements _ -> {} // its parts are entries of their own
    }
  }

  private void add(Mutation mutation) {
    changes.add(mutation);
  }

  private void push(Key key, SortedMap<Long, String> elements) {
    List<String> inOrder = List.copyOf(elements.values());
    for (int from = 0; from < inOrder.size(); from += ENTRIES_AT_ONCE) {
      inOrder
          .subList(from, Math.min(inOrder.size(), from + ENTRIES_AT_ONCE))
          .forEach(element -> add(new Finish(key, element, Integer.MAX_VALUE)));
      flush();
    }
  }

  private void flush() {
    send(beginning(snapshot) + taken, Optional.empty());
    pulse.run();
  }

  private void send(long next, Optional<Imprint> last) {
    fold.send(next, changes, last);
    changes = fold.newChanges();
    entries = 0;
    bytes = 0;
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
