package dev.nexus.platform.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Json;
import dev.nexus.event.PayloadReference;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final TenantId OTHER = new TenantId("acme");
  private static final int LARGEST = 100;

  @TempDir Path directory;

  private BlobStore store = new BlobStore(Path.of("."));

  @BeforeEach
  void open() {
    store = new BlobStore(directory);
  }

  private Payloads payloads(long quota) {
    return new Payloads(store, Clock.fixed(NOW, ZoneOffset.UTC), LARGEST, LARGEST / 2, quota);
  }

  @Test
  void shouldKeepWhatIsLargeAndGiveItBack() {
    // Given
    var payloads = payloads(1 << 20);
    Json small = text(90);
    Json large = new Json("{ \"b\": \"" + "é".repeat(60) + "\", \"a\": 1.0 }");

    // When
    Json kept = payloads.keepInput(TenantId.DEFAULT, large);

    // Then
    assertThat(payloads.keepInput(TenantId.DEFAULT, small)).isSameAs(small);
    assertThat(PayloadReference.isIn(payloads.keepOutput(TenantId.DEFAULT, small))).isTrue();
    assertThat(PayloadReference.in(kept).orElseThrow().sha256())
        .isEqualTo(CanonicalJson.fingerprint(large));
    assertThat(payloads.content(TenantId.DEFAULT, kept).text())
        .isEqualTo(CanonicalJson.write(CanonicalJson.read(large)));
    assertThat(payloads.content(TenantId.DEFAULT, small)).isSameAs(small);
  }

  @Test
  void shouldNotGiveOneTenantWhatAnotherKeeps() {
    // Given
    var payloads = payloads(1 << 20);
    Json kept = payloads.keepInput(TenantId.DEFAULT, text(200));

    // Then
    assertThatThrownBy(() -> payloads.content(OTHER, kept))
        .isInstanceOf(PayloadGoneException.class)
        .hasMessageContaining("is not in the payload store");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", " %s ", "{\"deep\": %s}"})
  void shouldKeepContentThatLooksLikeAReference(String form) {
    // Given what a caller could write to get at content that is not his
    var payloads = payloads(1 << 20);
    Json secret = payloads.keepInput(TenantId.DEFAULT, text(200));
    Json forged = new Json(form.formatted(secret.text()));

    // When
    Json kept = payloads.keepInput(TenantId.DEFAULT, forged);

    // Then
    assertThat(kept).isNotEqualTo(secret);
    assertThat(CanonicalJson.read(payloads.content(TenantId.DEFAULT, kept)))
        .isEqualTo(CanonicalJson.read(forged));
  }

  @Test
  void shouldRefuseWhatIsBeyondTheQuotaOfTheTenantAlone() {
    // Given
    var payloads = payloads(1_000);
    Json first = text(600);
    payloads.keepInput(TenantId.DEFAULT, first);

    // Then
    assertThatThrownBy(() -> payloads.keepInput(TenantId.DEFAULT, text(601)))
        .isInstanceOf(QuotaExceededException.class)
        .hasMessageContaining("NEXUS_PAYLOAD_QUOTA_MB");
    assertThat(payloads.keepInput(TenantId.DEFAULT, first)).isNotNull();
    assertThat(payloads.keepInput(OTHER, text(601))).isNotNull();
  }

  @Test
  void shouldSeeWhatWasFreedThoughTheClockWasSetBack() {
    // Given a tenant that has no room left
    var now = new AtomicReference<>(NOW);
    InstantSource clock = now::get;
    var payloads = new Payloads(store, clock.withZone(ZoneOffset.UTC), LARGEST, LARGEST / 2, 1_000);
    payloads.keepInput(TenantId.DEFAULT, text(600));

    // When
    store.sweep(Set.of(), NOW.plusSeconds(1));
    now.set(NOW.minusSeconds(3_600));

    // Then
    assertThat(payloads.keepInput(TenantId.DEFAULT, text(601))).isNotNull();
  }

  @Test
  void shouldSweepWhatNobodyNamesAndNobodyAskedForLately() {
    // Given
    String named = "a".repeat(64);
    String lately = "b".repeat(64);
    String again = "c".repeat(64);
    String old = "d".repeat(64);
    for (String digest : List.of(named, again, old)) {
      store.put(TenantId.DEFAULT, digest, new byte[10], NOW.minusSeconds(100));
    }
    store.put(TenantId.DEFAULT, lately, new byte[10], NOW);
    assertThat(store.put(TenantId.DEFAULT, again, new byte[10], NOW)).isZero();

    // When
    var swept = store.sweep(Set.of(named), NOW.minusSeconds(50));

    // Then
    assertThat(swept).isEqualTo(new BlobStore.Swept(1, 10));
    assertThat(store.get(TenantId.DEFAULT, old)).isEmpty();
    assertThat(List.of(named, lately, again))
        .allSatisfy(digest -> assertThat(store.get(TenantId.DEFAULT, digest)).isPresent());
  }

  @Test
  void shouldNotGiveWhatIsDamagedUntilTheSameComesAgain() throws IOException {
    // Given
    var payloads = payloads(1_000);
    Json content = text(600);
    Json kept = payloads.keepInput(TenantId.DEFAULT, content);
    String digest = PayloadReference.in(kept).orElseThrow().sha256();
    Path file = directory.resolve("default").resolve(digest.substring(0, 2)).resolve(digest);
    for (String damage : List.of("", "\"y\"", text(600).text().replace("xx", "xy"))) {
      // When
      Files.writeString(file, damage);

      // Then
      assertThatThrownBy(() -> payloads.content(TenantId.DEFAULT, kept))
          .isInstanceOf(PayloadGoneException.class)
          .hasMessageContaining(digest)
          .hasMessageContaining("is damaged");

      // When
      assertThat(payloads.keepInput(TenantId.DEFAULT, content)).isEqualTo(kept);

      // Then
      assertThat(payloads.content(TenantId.DEFAULT, kept)).isEqualTo(content);
    }
  }

  @Test
  void shouldGiveBackWhatACollectorLeftHalfDeleted() throws IOException {
    // Given a collector that was killed between its two steps, and a writer before its last one
    String digest = "e".repeat(64);
    store.put(TenantId.DEFAULT, digest, new byte[] {1, 2}, NOW);
    Path file = directory.resolve("default").resolve("ee").resolve(digest);
    Files.move(file, file.resolveSibling(digest + ".doomed"));
    Files.writeString(file.resolveSibling(digest + ".1.fresh"), "half");

    // Then
    assertThat(store.get(TenantId.DEFAULT, digest)).isPresent();

    // When
    store.sweep(Set.of(digest), NOW.minusSeconds(60));
    store.sweep(Set.of(digest), Instant.now().plusSeconds(60));

    // Then
    try (Stream<Path> left = Files.list(file.getParent())) {
      assertThat(left).containsExactly(file);
    }
    assertThat(store.get(TenantId.DEFAULT, digest)).contains(new byte[] {1, 2});
  }

  /// Whoever was told that content is kept finds it, however hard a collector works beside.
  @Test
  void shouldNotSweepFromUnderWhoPutsItAgain() throws Exception {
    String digest = "f".repeat(64);
    byte[] bytes = {1, 2, 3};
    Instant before = NOW;
    int rounds = 2_000;
    try (var threads = Executors.newFixedThreadPool(2)) {
      List<Callable<Integer>> both = new ArrayList<>();
      both.add(
          () -> {
            int lost = 0;
            for (int i = 0; i < rounds; i++) {
              // An old file, as an event of long ago left it, and then the same content again.
              store.put(TenantId.DEFAULT, digest, bytes, before.minusSeconds(10));
              store.put(TenantId.DEFAULT, digest, bytes, before.plusSeconds(10));
              if (store.get(TenantId.DEFAULT, digest).isEmpty()) {
                lost++;
              }
            }
            return lost;
          });
      both.add(
          () -> {
            for (int i = 0; i < rounds; i++) {
              store.sweep(Set.of(), before);
            }
            return 0;
          });
      for (var done : threads.invokeAll(both)) {
        assertThat(done.get()).isZero();
      }
    }
  }

  private static Json text(int length) {
    return new Json("\"" + "x".repeat(length - 2) + "\"");
  }
}
