package dev.nexus.platform.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.snapshot.SnapshotStore.Stored;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotStoreTest {
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

  @TempDir Path directory;

  private SnapshotStore store() {
    return new SnapshotStore(directory.resolve("snapshots"));
  }

  private Stored written(int entries) {
    return store()
        .write(
            "router-0",
            sink -> {
              for (int i = 0; i < entries; i++) {
                sink.put(bytes("key" + i), bytes("value".repeat(i % 50)));
              }
            });
  }

  private Map<String, String> read(String name) {
    Map<String, String> found = new LinkedHashMap<>();
    store().read(name, (key, value) -> found.put(text(key), text(value)));
    return found;
  }

  @Test
  void shouldGiveBackWhatWasPutInInTheSameOrder() {
    // When
    Stored stored = written(10_000);

    // Then
    assertThat(stored.entries()).isEqualTo(10_000);
    assertThat(store().isWhole(stored.name(), stored.sha256())).isTrue();
    Map<String, String> found = read(stored.name());
    assertThat(found).hasSize(10_000).containsEntry("key77", "value".repeat(27));
    assertThat(found.keySet().iterator().next()).isEqualTo("key0");
  }

  @Test
  void shouldKeepAnEmptyOne() {
    Stored stored = written(0);

    assertThat(read(stored.name())).isEmpty();
    assertThat(stored.bytes()).isPositive();
  }

  @Test
  void shouldTellAWholeFileFromADamagedAMissingAndACutOne() throws IOException {
    // Given
    Stored damaged = written(100);
    Stored cut = written(100);
    Path file = directory.resolve("snapshots").resolve(damaged.name());
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;

    // When
    Files.write(file, bytes);
    Path shorter = directory.resolve("snapshots").resolve(cut.name());
    Files.write(shorter, java.util.Arrays.copyOf(Files.readAllBytes(shorter), 60));

    // Then
    assertThat(store().isWhole(damaged.name(), damaged.sha256())).isFalse();
    assertThat(store().isWhole(cut.name(), cut.sha256())).isFalse();
    assertThat(store().isWhole("none.snapshot", damaged.sha256())).isFalse();
    assertThatThrownBy(() -> read(cut.name())).isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void shouldLeaveNoFileWhenItsContentFails() throws IOException {
    assertThatThrownBy(
            () ->
                store()
                    .write(
                        "router-0",
                        sink -> {
                          throw new IllegalStateException("the source failed");
                        }))
        .hasMessage("the source failed");

    assertThat(Files.list(directory.resolve("snapshots"))).isEmpty();
  }

  @Test
  void shouldNameWhatIsOldAndDeleteNothingElse() throws IOException {
    // Given
    Stored named = written(1);
    Stored unnamed = written(2);
    Path foreign = Files.createFile(directory.resolve("snapshots").resolve("notes.txt"));
    Files.createFile(directory.resolve("snapshots").resolve("x.snapshot.fresh"));

    // When
    assertThat(store().namesBefore(Instant.EPOCH)).isEmpty();
    Set<String> old = store().namesBefore(LATER);
    old.remove(named.name());
    store().delete(old);

    // Then
    assertThat(old).containsExactlyInAnyOrder(unnamed.name(), "x.snapshot.fresh");
    assertThat(store().names()).containsExactly(named.name());
    assertThat(Files.list(directory.resolve("snapshots")))
        .containsExactlyInAnyOrder(directory.resolve("snapshots").resolve(named.name()), foreign);
  }

  @Test
  void shouldSayWhereAFileCannotBeWritten() throws IOException {
    // Given something else in the place of the directory
    Path place = Files.writeString(directory.resolve("snapshots"), "no directory");

    // Then
    assertThatThrownBy(() -> written(1))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("a snapshot cannot be written to " + place);

    // When
    Files.delete(place);

    // Then
    assertThat(read(written(1).name())).hasSize(1);
  }

  @Test
  void shouldRefuseANameThatIsNoFileOfItsDirectory() {
    assertThatThrownBy(() -> read("../secret")).hasMessageContaining("'../secret'");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  @Test
  void shouldNotCallWholeWhatIsOfAnotherForm() throws Exception {
    // Given a file as a newer version may write it, with its digest
    Stored stored = written(10);
    Path file = directory.resolve("snapshots").resolve(stored.name());
    try (var out = new DataOutputStream(new GZIPOutputStream(Files.newOutputStream(file)))) {
      out.writeInt(0x4E585332);
      out.writeUTF("something else");
    }
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    String sha256 = HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));

    // Then
    assertThat(store().isWhole(stored.name(), sha256)).isFalse();
    assertThatThrownBy(() -> read(stored.name())).isInstanceOf(UncheckedIOException.class);
  }
}
