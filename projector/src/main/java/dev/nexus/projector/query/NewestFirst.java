package dev.nexus.projector.query;

import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Slot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Lists that every partition has one of, merged: newest first, page by page.
final class NewestFirst {
  private static final int PAGE = 100;

  /// A question that finds little among much ends here and goes on with the cursor.
  private static final int LOOKED_AT = 5_000;

  private final ProjectionReads reads;

  NewestFirst(ProjectionReads reads) {
    this.reads = reads;
  }

  /// Where a page ended: everything after it in the order of the list. `at` is in milliseconds
  /// since the epoch.
  record Cursor(long at, String id) {
    static final Cursor START = new Cursor(Long.MAX_VALUE, "");

    static Cursor parse(String text) {
      int point = text.indexOf('.');
      try {
        if (point > 0) {
          return new Cursor(Long.parseLong(text.substring(0, point)), text.substring(point + 1));
        }
      } catch (NumberFormatException e) {
        throw Problems.invalid("cursor", "the cursor of an answer", text);
      }
      throw Problems.invalid("cursor", "the cursor of an answer", text);
    }

    private boolean isBefore(Entry entry) {
      return entry.at() < at || (entry.at() == at && compareIds(entry.id(), id) < 0);
    }

    @Override
    public String toString() {
      return at + "." + id;
    }
  }

  /// Takes what is listed, with the fields of its view; false when it is not asked for.
  interface Taker {
    boolean take(String id, Map<String, String> fields);
  }

  /// A page that is asked for.
  record Wanted(Cursor after, int limit, Taker taker) {}

  private record Entry(Slot slot, long at, String id) {
    static final Comparator<Entry> NEWEST_FIRST =
        Comparator.comparingLong(Entry::at)
            .thenComparing(Entry::id, NewestFirst::compareIds)
            .reversed();
  }

  /// Places, `partition@offset`, by their numbers; other ids as text.
  static int compareIds(String one, String other) {
    int at = one.indexOf('@');
    int otherAt = other.indexOf('@');
    if (at < 0 || otherAt < 0) {
      return one.compareTo(other);
    }
    int byPartition = compareNumbers(one.substring(0, at), other.substring(0, otherAt));
    return byPartition != 0
        ? byPartition
        : compareNumbers(one.substring(at + 1), other.substring(otherAt + 1));
  }

  /// Numbers without leading zeros.
  private static int compareNumbers(String one, String other) {
    int byLength = Integer.compare(one.length(), other.length());
    return byLength != 0 ? byLength : one.compareTo(other);
  }

  /// Gives what the lists called `indexes` hold to the taker; the cursor of the next page, or
  /// nothing when this was the last.
  ///
  /// @param viewOf name of the view of what is listed under an id
  Optional<Cursor> page(
      List<Slot> slots, List<Key> indexes, Function<String, Key> viewOf, Wanted wanted) {
    List<Source> sources =
        slots.stream()
            .flatMap(slot -> indexes.stream().map(index -> new Source(slot, index, wanted.after())))
            .toList();
    Cursor last = wanted.after();
    int taken = 0;
    int lookedAt = 0;
    while (taken < wanted.limit() && lookedAt < LOOKED_AT) {
      List<Entry> entries = take(sources, Math.min(PAGE, Math.max(wanted.limit(), 20)));
      Map<Entry, Map<String, String>> views = views(viewOf, entries);
      for (Entry entry : entries) {
        if (taken < wanted.limit()) {
          last = new Cursor(entry.at(), entry.id());
          if (wanted.taker().take(entry.id(), views.getOrDefault(entry, Map.of()))) {
            taken++;
          }
        }
      }
      lookedAt += entries.size();
      if (entries.isEmpty()) {
        return Optional.empty();
      }
    }
    return Optional.of(last);
  }

  private static List<Entry> take(List<Source> sources, int count) {
    List<Entry> taken = new ArrayList<>(count);
    while (taken.size() < count) {
      Optional<Source> newest =
          sources.stream()
              .filter(source -> source.peek().isPresent())
              .min(Comparator.comparing(s -> s.peek().orElseThrow(), Entry.NEWEST_FIRST));
      if (newest.isEmpty()) {
        return taken;
      }
      taken.add(newest.get().next());
    }
    return taken;
  }

  private Map<Entry, Map<String, String>> views(Function<String, Key> viewOf, List<Entry> entries) {
    Map<Slot, List<Entry>> bySlot = new LinkedHashMap<>();
    entries.forEach(e -> bySlot.computeIfAbsent(e.slot(), s -> new ArrayList<>()).add(e));
    Map<Slot, List<Key>> keys = new LinkedHashMap<>();
    bySlot.forEach(
        (slot, own) -> keys.put(slot, own.stream().map(e -> viewOf.apply(e.id())).toList()));
    Map<Entry, Map<String, String>> views = new HashMap<>();
    reads
        .views(keys)
        .forEach(
            (slot, found) -> {
              List<Entry> own = bySlot.getOrDefault(slot, List.of());
              for (int i = 0; i < own.size(); i++) {
                views.put(own.get(i), found.get(i));
              }
            });
    return views;
  }

  /// The list of one partition, read page by page.
  private final class Source {
    private final Slot slot;
    private final Key index;
    private final Cursor after;
    private final Deque<Entry> ahead = new ArrayDeque<>();
    private final List<Entry> unsorted = new ArrayList<>();
    private long read;
    private boolean ended;

    Source(Slot slot, Key index, Cursor after) {
      this.slot = slot;
      this.index = index;
      this.after = after;
    }

    Optional<Entry> peek() {
      while (ahead.isEmpty() && !(ended && unsorted.isEmpty())) {
        if (!ended) {
          var page = reads.downwards(slot, index, (double) after.at(), read, PAGE);
          read += page.size();
          ended = page.size() < PAGE;
          page.stream()
              .map(
                  one ->
                      new Entry(slot, (long) one.getScore(), ProjectionReads.text(one.getValue())))
              .filter(after::isBefore)
              .forEach(unsorted::add);
        }
        sort();
      }
      return Optional.ofNullable(ahead.peek());
    }

    /// Redis orders those of one moment as text. The last moment may go on on the next page.
    private void sort() {
      long last = unsorted.isEmpty() || ended ? Long.MIN_VALUE : unsorted.getLast().at();
      unsorted.stream().filter(e -> e.at() > last).sorted(Entry.NEWEST_FIRST).forEach(ahead::add);
      unsorted.removeIf(e -> e.at() > last);
    }

    Entry next() {
      return ahead.remove();
    }
  }
}
