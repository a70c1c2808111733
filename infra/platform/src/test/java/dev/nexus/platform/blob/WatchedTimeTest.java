package dev.nexus.platform.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is known to be an hour ago, whatever the clock did.
class WatchedTimeTest {
  private static final Instant NOON = Instant.parse("2026-03-04T12:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path directory;

  private static Duration minutes(long count) {
    return Duration.ofMinutes(count);
  }

  private static Instant at(long minutes) {
    return NOON.plus(minutes(minutes));
  }

  private static WatchedTime watched(long from, long length) {
    return WatchedTime.NONE.begin(at(from)).pass(minutes(length), HOUR);
  }

  @Test
  void shouldKnowNothingBeforeAnHourWasWatched() {
    assertThat(WatchedTime.NONE.ago(HOUR)).isEmpty();
    assertThat(watched(0, 59).ago(HOUR)).isEmpty();
    assertThat(watched(0, 60).ago(HOUR)).hasValue(NOON);
  }

  @Test
  void shouldGoOnWithTheTimeThatIsWatched() {
    // Given
    WatchedTime day = watched(0, 50);

    // When
    for (int i = 0; i < 100; i++) {
      day = day.pass(minutes(10), HOUR);
    }

    // Then
    assertThat(day.ago(HOUR)).hasValue(at(990));
    assertThat(day.stretches()).hasSize(1);
  }

  @Test
  void shouldNotCountWhatNobodyWatched() {
    // Given half an hour, and half a day between
    WatchedTime two = watched(0, 30).begin(at(720)).pass(minutes(20), HOUR);

    // Then
    assertThat(two.ago(HOUR)).isEmpty();
    assertThat(two.pass(minutes(10), HOUR).ago(HOUR)).hasValue(at(0));
    assertThat(two.pass(minutes(35), HOUR).ago(HOUR)).hasValue(at(25));
    assertThat(two.pass(minutes(40), HOUR).ago(HOUR)).hasValue(at(720));
    assertThat(two.pass(minutes(45), HOUR).ago(HOUR)).hasValue(at(725));
  }

  @Test
  void shouldForgetEverythingWhereAClockIsBehindIt() {
    // Given
    WatchedTime set = watched(0, 30).begin(at(29)).pass(minutes(59), HOUR);

    // Then
    assertThat(set.ago(HOUR)).isEmpty();
    assertThat(set.pass(minutes(1), HOUR).ago(HOUR)).hasValue(at(29));
  }

  @Test
  void shouldMoveWithAClockThatIsSetBackWhileItWatches() {
    assertThat(watched(0, 60).setBack(minutes(90)).ago(HOUR)).hasValue(at(-90));
  }

  @Test
  void shouldKeepWhatWasWatchedForTheNextProcess() throws IOException {
    // Given
    Path file = directory.resolve("watched");
    WatchedTime two = watched(0, 30).begin(at(720)).pass(minutes(20), HOUR);

    // When
    two.write(file);

    // Then
    assertThat(WatchedTime.read(file)).isEqualTo(two);
    assertThat(file)
        .content()
        .isEqualTo("2026-03-04T12:00:00Z PT30M\n" + "2026-03-05T00:00:00Z PT20M\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2026-03-04T12:00:00Z\n", "2026-03-04T12:00:00Z PT", "seven PT1H"})
  void shouldKnowNothingWhereThereIsNoSuchFile(String content) throws IOException {
    // Given
    Path file = Files.writeString(directory.resolve("watched"), content);

    // Then
    assertThat(WatchedTime.read(file)).isEqualTo(WatchedTime.NONE);
    assertThat(WatchedTime.read(directory.resolve("nothing"))).isEqualTo(WatchedTime.NONE);
  }

  /// The processes of an installation share the file, and each looks every ten minutes.
  @Test
  void shouldKeepAWholeFileWhereProcessesWriteItAtTheSameTime() throws Exception {
    // Given
    Path file = directory.resolve("watched");
    WatchedTime one = watched(0, 30);
    WatchedTime other = watched(0, 30).begin(at(720)).pass(minutes(20), HOUR);
    List<Callable<WatchedTime>> rounds = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      WatchedTime written = i % 2 == 0 ? one : other;
      rounds.add(
          () -> {
            written.write(file);
            return WatchedTime.read(file);
          });
    }

    // When
    List<Future<WatchedTime>> read;
    try (var processes = Executors.newFixedThreadPool(4)) {
      read = processes.invokeAll(rounds);
    }

    // Then
    for (Future<WatchedTime> found : read) {
      assertThat(found.get()).isIn(one, other);
    }
    assertThat(files()).containsExactly("watched");
  }

  @Test
  void shouldLeaveNothingBesideAFileThatItCannotReplace() throws IOException {
    // Given
    Path file = Files.createDirectories(directory.resolve("watched").resolve("full")).getParent();

    // Then
    assertThatThrownBy(() -> watched(0, 30).write(file)).isInstanceOf(IOException.class);
    assertThat(files()).containsExactly("watched");
  }

  @Test
  void shouldHaveWhatAKilledProcessLeftSweptWithThePayloads() throws IOException {
    // Given
    watched(0, 30).write(directory.resolve("watched"));
    Path left = Files.writeString(directory.resolve("watched.7.fresh"), "half of it");
    Files.setLastModifiedTime(left, FileTime.from(NOON));

    // When
    new BlobStore(directory).sweep(Set.of(), at(1));

    // Then
    assertThat(files()).containsExactly("watched");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> found = Files.list(directory)) {
      return found.map(path -> path.getFileName().toString()).toList();
    }
  }
}
