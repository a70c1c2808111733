package dev.nexus.projector.rebuild;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/// Hashes to offsets, 16 bytes a slot, by linear probing in a mapped file. For one thread.
final class SpillIndex implements AutoCloseable {
  private static final long EMPTY = 0;
  private static final long REMOVED = 1;

  private final Path directory;
  private Arena arena;
  private MemorySegment slots;
  private long capacity;
  private long used;

  SpillIndex(Path directory, long capacity) {
    this.directory = directory;
    this.capacity = capacity;
    this.arena = Arena.ofShared();
    this.slots = map(arena, capacity);
  }

  /// A new file of zeros; its name goes at once, its content with the arena.
  private MemorySegment map(Arena owner, long wanted) {
    try {
      Path path = Files.createTempFile(directory, "index", ".spill");
      try (FileChannel file =
          FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        return file.map(FileChannel.MapMode.READ_WRITE, 0, wanted * 16, owner);
      } finally {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("an index cannot be put aside on disk", e);
    }
  }

  /// The first slot of this hash; -1 when there is none.
  long first(long hash) {
    return probe(home(hash), key(hash));
  }

  /// The next slot of this hash after `slot`; -1 when there is none.
  long next(long slot, long hash) {
    return probe(after(slot), key(hash));
  }

  private long probe(long from, long key) {
    long slot = from;
    for (long found = at(slot); found != EMPTY; found = at(slot)) {
      if (found == key) {
        return slot;
      }
      slot = after(slot);
    }
    return -1;
  }

  long offset(long slot) {
    return slots.getAtIndex(ValueLayout.JAVA_LONG, slot * 2 + 1);
  }

  void move(long slot, long offset) {
    slots.setAtIndex(ValueLayout.JAVA_LONG, slot * 2 + 1, offset);
  }

  void add(long hash, long offset) {
    if (used * 10 >= capacity * 6) {
      grow();
    }
    insert(key(hash), offset);
  }

  private void insert(long key, long offset) {
    long slot = home(key);
    while (at(slot) != EMPTY) {
      slot = after(slot);
    }
    set(slot, key, offset);
    used++;
  }

  void remove(long slot) {
    set(slot, REMOVED, 0);
  }

  /// Removed slots go; where few were, there is twice as much room.
  private void grow() {
    long[] live = {0};
    offsets(offset -> live[0]++);
    Arena old = arena;
    MemorySegment before = slots;
    long beforeCapacity = capacity;
    arena = Arena.ofShared();
    capacity = live[0] * 10 >= capacity * 3 ? capacity * 2 : capacity;
    slots = map(arena, capacity);
    used = 0;
    for (long slot = 0; slot < beforeCapacity; slot++) {
      long key = before.getAtIndex(ValueLayout.JAVA_LONG, slot * 2);
      if (key != EMPTY && key != REMOVED) {
        insert(key, before.getAtIndex(ValueLayout.JAVA_LONG, slot * 2 + 1));
      }
    }
    old.close();
  }

  void offsets(LongConsumer each) {
    for (long slot = 0; slot < capacity; slot++) {
      if (at(slot) != EMPTY && at(slot) != REMOVED) {
        each.accept(offset(slot));
      }
    }
  }

  void moveAll(LongUnaryOperator to) {
    for (long slot = 0; slot < capacity; slot++) {
      if (at(slot) != EMPTY && at(slot) != REMOVED) {
        move(slot, to.applyAsLong(offset(slot)));
      }
    }
  }

  private long at(long slot) {
    return slots.getAtIndex(ValueLayout.JAVA_LONG, slot * 2);
  }

  private void set(long slot, long key, long offset) {
    slots.setAtIndex(ValueLayout.JAVA_LONG, slot * 2, key);
    slots.setAtIndex(ValueLayout.JAVA_LONG, slot * 2 + 1, offset);
  }

  private static long key(long hash) {
    return hash == EMPTY || hash == REMOVED ? hash + 2 : hash;
  }

  private long home(long hash) {
    return key(hash) & (capacity - 1);
  }

  private long after(long slot) {
    return (slot + 1) & (capacity - 1);
  }

  @Override
  public void close() {
    arena.close();
  }
}
