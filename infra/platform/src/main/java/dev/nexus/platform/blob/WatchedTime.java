package dev.nexus.platform.blob;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/// Time that is known to have passed, in stretches, the oldest first. In each of them a process saw
/// its clock go on as time did. What lies between two, the clock having been set ahead, the machine
/// having slept or no process having run, may have been no time at all, whatever the clock says.
///
/// So what was touched before the first stretch was touched at least as long ago as all of them are
/// together. A file keeps them, for the next process to go on from.
record WatchedTime(List<Stretch> stretches) {
  static final WatchedTime NONE = new WatchedTime(List.of());

  /// @param from what the clock said when it began
  record Stretch(Instant from, Duration length) {
    private Instant until() {
      return from.plus(length);
    }
  }

  WatchedTime {
    stretches = List.copyOf(stretches);
  }

  /// A new stretch begins. Where the clock is behind one of those before, what is touched from now
  /// on may look older than they are, so they count for nothing.
  WatchedTime begin(Instant now) {
    List<Stretch> all = new ArrayList<>();
    if (stretches.stream().noneMatch(before -> before.until().isAfter(now))) {
      stretches.stream().filter(before -> before.length().isPositive()).forEach(all::add);
    }
    all.add(new Stretch(now, Duration.ZERO));
    return new WatchedTime(all);
  }

  /// So much more has passed in the newest stretch; of the oldest goes what is more than enough.
  WatchedTime pass(Duration time, Duration enough) {
    Deque<Stretch> all = new ArrayDeque<>(stretches);
    Stretch newest = all.removeLast();
    all.addLast(new Stretch(newest.from(), newest.length().plus(time)));
    Duration surplus = total().plus(time).minus(enough);
    while (surplus.isPositive()) {
      Stretch oldest = all.removeFirst();
      Duration gone = oldest.length().compareTo(surplus) < 0 ? oldest.length() : surplus;
      if (gone.compareTo(oldest.length()) < 0) {
        all.addFirst(new Stretch(oldest.from().plus(gone), oldest.length().minus(gone)));
      }
      surplus = surplus.minus(gone);
    }
    return new WatchedTime(List.copyOf(all));
  }

  /// The clock was set back while it was watched: what it said before, it would have said earlier.
  WatchedTime setBack(Duration by) {
    return new WatchedTime(
        stretches.stream().map(s -> new Stretch(s.from().minus(by), s.length())).toList());
  }

  private Duration total() {
    return stretches.stream().map(Stretch::length).reduce(Duration.ZERO, Duration::plus);
  }

  /// What the clock said that long ago or longer; empty as long as less was watched.
  Optional<Instant> ago(Duration time) {
    return total().compareTo(time) < 0
        ? Optional.empty()
        : stretches.stream().map(Stretch::from).findFirst();
  }

  /// What a file holds; nothing where there is none, or none that can be read.
  static WatchedTime read(Path file) {
    List<Stretch> stretches = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.split(" ", 2);
        stretches.add(
            new Stretch(Instant.parse(words[0]), Duration.parse(words.length < 2 ? "" : words[1])));
      }
    } catch (IOException | DateTimeException e) {
      return NONE;
    }
    return new WatchedTime(stretches);
  }

  /// The file appears whole or not at all, also where other processes write it at the same time.
  /// What one leaves that is killed amid this is deleted by the sweep of the payloads beside it.
  void write(Path file) throws IOException {
    Path fresh =
        file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + BlobStore.FRESH);
    try {
      Files.writeString(
          fresh,
          stretches.stream()
              .map(stretch -> stretch.from() + " " + stretch.length() + "\n")
              .collect(Collectors.joining()));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
