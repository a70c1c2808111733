package dev.nexus.projector.rebuild;

import dev.nexus.projector.rebuild.StoredPartition.At;
import dev.nexus.projector.rebuild.StoredPartition.Elements;
import dev.nexus.projector.rebuild.StoredPartition.Parts;
import dev.nexus.projector.store.Head;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredName;
import dev.nexus.projector.store.ViewText;
import io.lettuce.core.ScanCursor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Compares one generation of a partition with the fold of the log, while it is being written. A
/// piece is read from Redis together with its position, the fold is moved to that position, and the
/// two are compared there: every name is looked at once, and no writer has to wait.
final class PartitionComparison {
  private static final int STRINGS_AT_ONCE = 200;

  /// Elements read again, as a list may lose its first ones between two pieces.
  private static final int OVERLAP = 200;

  /// Missing parts of a collection, or missing names, that are looked for one by one.
  private static final int MISSING_SOUGHT = 1_000;

  private final Slot slot;
  private final String generation;
  private final MemoryStore memory;
  private final LogCursor<?> log;
  private final StoredPartition stored;
  private final Consumer<Difference> differences;
  private final LongConsumer said;
  private long names;

  PartitionComparison(
      Slot slot,
      String generation,
      MemoryStore memory,
      LogCursor<?> log,
      StoredPartition stored,
      Consumer<Difference> differences,
      LongConsumer said) {
    this.slot = slot;
    this.generation = generation;
    this.memory = memory;
    this.log = log;
    this.stored = stored;
    this.differences = differences;
    this.said = said;
  }

  long names() {
    return names;
  }

  void run() {
    List<Key> batch = new ArrayList<>();
    var scan = stored.names();
    while (scan.hasNext()) {
      StoredName.parse(scan.next())
          .filter(name -> name.slot().equals(slot) && name.generation().equals(generation))
          .ifPresent(name -> batch.add(name.key()));
      if (batch.size() >= STRINGS_AT_ONCE || !scan.hasNext()) {
        names += batch.size();
        check(batch);
        batch.clear();
      }
    }
    checkMissing();
  }

  private void check(List<Key> keys) {
    said.accept(names);
    List<String> types = stored.types(keys);
    List<Key> strings = new ArrayList<>();
    List<Key> absent = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      Key key = keys.get(i);
      switch (types.get(i)) {
        case "string" -> strings.add(key);
        case "none" -> absent.add(key);
        case "hash" -> checkParts(key, "hash", from -> stored.fields(key, from));
        case "zset" -> checkParts(key, "zset", from -> stored.scores(key, from));
        case "set" -> checkParts(key, "set", from -> stored.members(key, from));
        case "list" -> checkElements(key);
        default -> differ(0, key, "no such type", "a " + types.get(i));
      }
    }
    if (!strings.isEmpty()) {
      checkStrings(strings);
    }
    if (!absent.isEmpty()) {
      checkAbsent(absent);
    }
  }

  /// Names that were not there a moment ago. One that has come meanwhile is compared as it is.
  private void checkAbsent(List<Key> keys) {
    At<List<String>> read = stored.typesAt(keys);
    foldTo(read.position());
    List<Key> come = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      Key key = keys.get(i);
      if (!read.value().get(i).equals("none")) {
        come.add(key);
      } else if (memory.head(key) != null) {
        differ(read.position(), key, shown(memory.head(key)), "nothing");
      }
    }
    if (!come.isEmpty()) {
      check(come);
    }
  }

  private void foldTo(long position) {
    log.foldTo(position, at -> said.accept(names));
  }

  private void checkStrings(List<Key> keys) {
    At<List<Optional<byte[]>>> read = stored.strings(keys);
    foldTo(read.position());
    for (int i = 0; i < keys.size(); i++) {
      checkString(read.position(), keys.get(i), read.value().get(i));
    }
  }

  private void checkString(long at, Key key, Optional<byte[]> found) {
    Head head = memory.head(key);
    boolean equal =
        switch (head) {
          case Head.View(var text) -> found.isPresent() && sameView(text, found.get());
          case Head.Bytes(var value) -> found.isPresent() && Arrays.equals(value, found.get());
          case null -> found.isEmpty();
          case Head _ -> false;
        };
    if (!equal && head instanceof Head.View(var text) && found.isPresent() && isView(found.get())) {
      differView(at, key, text, found.get());
    } else if (!equal) {
      differ(at, key, shown(head), found.map(PartitionComparison::shown).orElse("nothing"));
    }
  }

  /// The order of fields in a view is the writer's; all else is the same, byte for byte.
  static boolean sameView(byte[] expected, byte[] found) {
    if (expected.length != found.length) {
      return false;
    }
    try {
      return ViewText.read(MemoryStore.text(expected))
          .equals(ViewText.read(MemoryStore.text(found)));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isView(byte[] value) {
    return value.length > 0 && value[0] == '\n' && !shown(value).startsWith("no view");
  }

  /// Of two views only the fields that are not the same.
  private void differView(long at, Key key, byte[] expected, byte[] found) {
    var log = new TreeMap<>(ViewText.read(MemoryStore.text(expected)));
    var redis = new TreeMap<>(ViewText.read(MemoryStore.text(found)));
    var same = new TreeMap<>(log);
    same.entrySet().retainAll(redis.entrySet());
    log.entrySet().removeAll(same.entrySet());
    redis.entrySet().removeAll(same.entrySet());
    boolean twice = log.isEmpty() && redis.isEmpty();
    differ(at, key, log.toString(), twice ? "fields that are there twice" : redis.toString());
  }

  private interface Reading {
    At<Parts> from(ScanCursor cursor);
  }

  private void checkParts(Key key, String type, Reading reading) {
    Optional<ScanCursor> next = Optional.of(ScanCursor.INITIAL);
    while (next.isPresent()) {
      At<Parts> read = reading.from(next.get());
      foldTo(read.position());
      Head head = memory.head(key);
      if (head == null || !type.equals(head.type())) {
        if (read.value().size() > 0 || head != null) {
          differ(read.position(), key, shown(head), "a " + type + " of " + read.value().size());
        }
        return;
      }
      read.value()
          .found()
          .forEach((part, value) -> checkPart(read.position(), key, part, Optional.of(value)));
      next = read.value().next();
      if (next.isEmpty() && head.size() != read.value().size()) {
        differ(
            read.position(),
            key,
            "a " + type + " of " + head.size(),
            "one of " + read.value().size());
        checkMissingParts(key, type);
      }
    }
  }

  private void checkPart(long at, Key key, String part, Optional<byte[]> found) {
    Optional<byte[]> expected = memory.value(key, part);
    if (expected.isPresent() != found.isPresent()
        || (expected.isPresent() && !Arrays.equals(expected.get(), found.get()))) {
      String place = slot.name(generation, key) + " " + part;
      differences.accept(new Difference(slot, at, place, shownPart(expected), shownPart(found)));
    }
  }

  private void checkMissingParts(Key key, String type) {
    List<String> sought = new ArrayList<>();
    memory.parts(
        key,
        (part, value) -> {
          if (sought.size() < MISSING_SOUGHT) {
            sought.add(part);
          }
        });
    for (String part : sought) {
      At<Optional<byte[]>> read = stored.part(key, type, part);
      foldTo(read.position());
      checkPart(read.position(), key, part, read.value());
    }
  }

  private void checkElements(Key key) {
    long checked = 0;
    long size = 1;
    for (long number = 0; checked < size; ) {
      long from = Math.max(0, checked - OVERLAP);
      At<Elements> read = stored.elements(key, from);
      foldTo(read.position());
      size = read.value().size();
      Head head = memory.head(key);
      if (!(head instanceof Head.Elements(var first, var next)) || next - first != size) {
        if (head != null || size > 0) {
          differ(read.position(), key, shown(head), "a list of " + size);
        }
        return;
      }
      if (number > 0 && first + from > number) {
        checked = Math.max(0, number - first); // it lost more than was read again
        continue;
      }
      for (byte[] element : read.value().found()) {
        long place = first + from++;
        if (place >= number && !checkElement(read.position(), key, place, element)) {
          return;
        }
      }
      number = first + from;
      checked = from;
    }
  }

  private boolean checkElement(long at, Key key, long number, byte[] found) {
    byte[] expected = memory.elementAt(key, number).orElse(new byte[0]);
    if (Arrays.equals(expected, found)) {
      return true;
    }
    String place = slot.name(generation, key) + " element " + number;
    differences.accept(new Difference(slot, at, place, shown(expected), shown(found)));
    return false;
  }

  /// Names that the log gives and Redis does not have.
  private void checkMissing() {
    List<Key> sought = new ArrayList<>();
    List<Key> batch = new ArrayList<>();
    memory.names(
        key -> {
          batch.add(key);
          if (batch.size() == STRINGS_AT_ONCE) {
            seek(batch, sought);
          }
        });
    seek(batch, sought);
    for (int from = 0; from < sought.size(); from += STRINGS_AT_ONCE) {
      checkAbsent(sought.subList(from, Math.min(sought.size(), from + STRINGS_AT_ONCE)));
    }
  }

  private void seek(List<Key> batch, List<Key> sought) {
    if (sought.size() < MISSING_SOUGHT && !batch.isEmpty()) {
      List<String> types = stored.types(batch);
      for (int i = 0; i < types.size(); i++) {
        if (types.get(i).equals("none")) {
          sought.add(batch.get(i));
        }
      }
    }
    batch.clear();
  }

  private void differ(long at, Key key, String expected, String found) {
    differences.accept(Difference.of(slot, generation, at, key, expected, found));
  }

  private static String shown(@Nullable Head head) {
    return switch (head) {
      case Head.View(var text) -> new TreeMap<>(ViewText.read(MemoryStore.text(text))).toString();
      case Head.Bytes(var value) -> shown(value);
      case Head.Elements elements -> "a list of " + elements.size();
      case null -> "nothing";
      case Head other -> "a " + other.type() + " of " + other.size();
    };
  }

  /// A view as its fields, anything else as text.
  private static String shown(byte[] value) {
    if (value.length > 0 && value[0] == '\n') {
      try {
        return new TreeMap<>(ViewText.read(MemoryStore.text(value))).toString();
      } catch (IllegalArgumentException e) {
        return "no view: " + MemoryStore.text(value).strip();
      }
    }
    return value.length
        + " bytes "
        + new String(value, StandardCharsets.ISO_8859_1).replaceAll("[^\\x20-\\x7e]", "·");
  }

  private static String shownPart(Optional<byte[]> value) {
    return value
        .map(
            v ->
                v.length == 0
                    ? "it"
                    : "'"
                        + new String(v, StandardCharsets.ISO_8859_1)
                            .replaceAll("[^\\x20-\\x7e]", "·")
                        + "'")
        .orElse("nothing");
  }
}
