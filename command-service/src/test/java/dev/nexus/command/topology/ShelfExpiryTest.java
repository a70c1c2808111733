package dev.nexus.command.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.Truths;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class ShelfExpiryTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private static final int MANY = 1_000_000;
  private static final ExecutionShelf.Checkpoint CHECKPOINT = ExecutionShelf.Checkpoint.NONE;

  @TempDir Path directory;

  private static Shelved.Facts facts() {
    Envelope envelope =
        RouterFixture.envelope(new UUID(0, 1)).withExecution(RouterFixture.execution("e"));
    var accepted =
        new ExecutionAccepted("echo", "d1", new Json("1"), "b", AT, ReplyAddress.NOBODY, "http");
    return new Shelved.Facts(
        7, Truths.NONE, List.of(RouterContext.FACTS.encode(new Event<>(envelope, accepted))));
  }

  private static void finish(ExecutionShelf shelf, String key, Instant at) {
    shelf.write(change -> change.putFinished(key, facts(), at), CHECKPOINT);
  }

  private ExecutionShelf shelf(String name) {
    return new ExecutionShelf(directory.resolve(name));
  }

  private static List<String> ended(ExecutionShelf shelf, List<String> of) {
    return of.stream().filter(key -> shelf.get(key) instanceof Shelved.Ended).toList();
  }

  @Test
  void shouldDropWhatEndedFirstWhateverItsNameAndNothingThatIsYoung() {
    // Given
    List<String> oldestFirst = List.of("t/c", "t/a", "t/d", "t/b");
    try (var shelf = shelf("a")) {
      for (String key : oldestFirst) {
        finish(shelf, key, AT.plusSeconds(oldestFirst.indexOf(key)));
      }

      // When
      boolean more = shelf.expire(AT.plusSeconds(3), 2);

      // Then
      assertThat(more).isTrue();
      assertThat(ended(shelf, oldestFirst)).containsExactly("t/c", "t/a");

      // When
      more = shelf.expire(AT.plusSeconds(3), 2);

      // Then
      assertThat(more).isFalse();
      assertThat(ended(shelf, oldestFirst)).containsExactly("t/c", "t/a", "t/d");
      assertThat(shelf.get("t/b")).isInstanceOf(Shelved.Facts.class);
      assertThat(shelf.get("t/a"))
          .isEqualTo(
              new Shelved.Ended(RouterFixture.envelope(new UUID(0, 1)).appId(), Truths.NONE, 7));
    }
  }

  @Test
  void shouldDropWhatComesLateWithAnOlderTime() {
    // Given
    try (var shelf = shelf("a")) {
      IntStream.range(0, 10).forEach(i -> finish(shelf, "t/" + i, AT.plusSeconds(i)));
      shelf.expire(AT.plusSeconds(100), 5);

      // When
      finish(shelf, "t/late", AT);
      while (shelf.expire(AT.plusSeconds(100), 5)) {}
      shelf.expire(AT.plusSeconds(100), 5);

      // Then
      assertThat(shelf.get("t/late")).isInstanceOf(Shelved.Ended.class);
    }
  }

  @Test
  void shouldGoByTheLastTimeWhenOneEndedAgain() {
    // Given
    try (var shelf = shelf("a")) {
      finish(shelf, "t/a", AT);
      finish(shelf, "t/a", AT.plusSeconds(10));

      // When
      shelf.expire(AT.plusSeconds(5), MANY);

      // Then
      assertThat(shelf.get("t/a")).isInstanceOf(Shelved.Facts.class);

      // When
      shelf.expire(AT.plusSeconds(11), MANY);

      // Then
      assertThat(shelf.get("t/a")).isInstanceOf(Shelved.Ended.class);
    }
  }

  @Test
  void shouldDropWhatAShelfHasThatWasKeptWithoutTimes() throws RocksDBException {
    // Given
    try (var shelf = shelf("a")) {
      finish(shelf, "t/a", AT);
      finish(shelf, "t/b", AT.plusSeconds(10));
    }
    try (var options = new Options();
        var db = RocksDB.open(options, directory.resolve("a").toString())) {
      db.deleteRange(new byte[] {FinishedTimes.KIND}, new byte[] {(byte) 0xFF});
    }

    // When
    try (var shelf = shelf("a")) {
      shelf.expire(AT.plusSeconds(5), MANY);

      // Then
      assertThat(ended(shelf, List.of("t/a", "t/b"))).containsExactly("t/a");
    }
  }

  @Test
  void shouldDropWhatAnImageBroughtWhichHasOneEntryForEach() {
    // Given
    List<byte[]> keys = new ArrayList<>();
    List<byte[]> values = new ArrayList<>();
    try (var shelf = shelf("a")) {
      finish(shelf, "t/a", AT);
      finish(shelf, "t/b", AT.plusSeconds(10));
      try (var image = shelf.image()) {
        image.forEach(
            (key, value) -> {
              keys.add(key);
              values.add(value);
            });
      }
    }

    // When
    try (var other = shelf("b")) {
      other.clear();
      other.restore(
          entries ->
              IntStream.range(0, keys.size())
                  .forEach(i -> entries.put(keys.get(i), values.get(i))));
      other.expire(AT.plusSeconds(5), MANY);

      // Then
      assertThat(keys).hasSize(3);
      assertThat(ended(other, List.of("t/a", "t/b"))).containsExactly("t/a");
    }
  }
}
