package dev.nexus.platform.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.platform.security.Denials.Due;
import dev.nexus.platform.security.Denials.Outcome;
import dev.nexus.platform.security.Denials.Outcome.Counted;
import dev.nexus.platform.security.Denials.Outcome.TooOften;
import dev.nexus.platform.security.Denials.Outcome.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DenialsTest {
  private static final String ADDRESS = "192.0.2.1";

  /// A clock of this kind may stand anywhere, and pass over.
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 2_000_000_000L);

  private final Denials denials = new Denials(now::get);
  private final List<AccessDenied> written = new ArrayList<>();

  private Outcome deny(String path, String address) {
    Outcome outcome =
        denials.take(
            TenantId.DEFAULT,
            AuditTrail.ANONYMOUS,
            "GET /v1/{thing}",
            new AccessDenied("GET " + path, "", "no-key", address));
    if (outcome instanceof Write(var due)) {
      written.add(due.denial());
    }
    return outcome;
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
    denials.due().stream().map(Due::denial).forEach(written::add);
  }

  private int sum() {
    return written.stream().mapToInt(AccessDenied::count).sum();
  }

  @Test
  void shouldWriteTheFirstAtOnceAndCountItsEqualsOfASecondInOne() {
    // When
    assertThat(deny("/v1/a", ADDRESS)).isInstanceOf(Write.class);
    for (int i = 0; i < 5; i++) {
      assertThat(deny("/v1/b" + i, ADDRESS)).isInstanceOf(Counted.class);
    }
    pass(Duration.ofSeconds(1));

    // Then
    assertThat(written)
        .containsExactly(
            new AccessDenied("GET /v1/a", "", "no-key", ADDRESS, 1),
            new AccessDenied("GET /v1/a", "", "no-key", ADDRESS, 5));
  }

  @Test
  void shouldWriteTheNextAtOnceWithThoseBeforeItWhenTheSecondIsOver() {
    // Given
    deny("/v1/a", ADDRESS);
    deny("/v1/a", ADDRESS);

    // When
    now.addAndGet(Denials.WINDOW.toNanos());

    // Then
    assertThat(deny("/v1/a", ADDRESS)).isInstanceOf(Write.class);
    assertThat(written).extracting(AccessDenied::count).containsExactly(1, 2);
  }

  @Test
  void shouldTellApartWhatIsNotEqual() {
    for (var denial :
        List.of(
            new AccessDenied("x", "", "no-key", ADDRESS),
            new AccessDenied("x", "", "unknown-key", ADDRESS),
            new AccessDenied("x", "", "no-key", "192.0.2.2"))) {
      assertThat(denials.take(TenantId.DEFAULT, "a", "x", denial)).isInstanceOf(Write.class);
      assertThat(denials.take(TenantId.DEFAULT, "b", "x", denial)).isInstanceOf(Write.class);
      assertThat(denials.take(new TenantId("t"), "a", "x", denial)).isInstanceOf(Write.class);
      assertThat(denials.take(TenantId.DEFAULT, "a", "y", denial)).isInstanceOf(Write.class);
    }
  }

  @Test
  void shouldTellAnAddressToWaitThatIsRefusedTooOftenAndCountThatToo() {
    // Given
    int asked = 10_000;
    int waits = 0;

    // When
    for (int i = 0; i < asked; i++) {
      if (deny("/v1/a", ADDRESS) instanceof TooOften(var wait)) {
        assertThat(wait).isPositive().isLessThanOrEqualTo(Duration.ofMillis(100));
        waits++;
      }
    }
    pass(Duration.ofSeconds(1));

    // Then
    assertThat(waits).isEqualTo(asked - Denials.ADDRESS_BURST);
    assertThat(written).hasSize(3);
    assertThat(sum()).isEqualTo(asked);
    assertThat(written)
        .filteredOn(denied -> denied.reason().equals(Denials.TOO_OFTEN))
        .containsExactly(new AccessDenied("", "", Denials.TOO_OFTEN, ADDRESS, waits));
    assertThat(deny("/v1/a", "192.0.2.2")).isInstanceOf(Write.class);
  }

  @Test
  void shouldLookAtAnAddressAgainAtItsRate() {
    // Given
    for (int i = 0; i < 1_000; i++) {
      deny("/v1/a", ADDRESS);
    }

    // When
    pass(Duration.ofSeconds(1));
    int looked = 0;
    for (int i = 0; i < 100; i++) {
      looked += deny("/v1/a", ADDRESS) instanceof TooOften ? 0 : 1;
    }

    // Then
    assertThat(looked).isEqualTo(Denials.ADDRESS_PER_SECOND);
  }

  /// However many come from however many addresses, what is written in a second has a bound.
  @Test
  void shouldWriteNoMoreThanItsBoundForAFloodFromEverywhere() {
    // Given
    int seconds = 60;
    int each = 5_000;

    // When
    for (int second = 0; second < seconds; second++) {
      for (int i = 0; i < each; i++) {
        deny("/v1/" + i, "192.0.2." + second + "." + i);
      }
      pass(Duration.ofSeconds(1));
    }
    denials.rest().stream().map(Due::denial).forEach(written::add);

    // Then: nothing is missing in the sum
    assertThat(sum()).isEqualTo(seconds * each);
    int looked = Denials.BURST + seconds * Denials.PER_SECOND;
    assertThat(written).hasSizeLessThan(looked + 2 * seconds);
    assertThat(written).extracting(AccessDenied::remoteAddress).contains(Denials.OTHER_ADDRESSES);
  }

  @Test
  void shouldWriteAtOnceAgainWhatTheLogDidNotTake() {
    // Given
    Outcome first = deny("/v1/a", ADDRESS);
    deny("/v1/a", ADDRESS);
    denials.failed(((Write) first).due(), 1);
    written.clear();

    // When
    Outcome next = deny("/v1/a", ADDRESS);

    // Then: whoever was to be refused first was not
    assertThat(next).isInstanceOf(Write.class);
    assertThat(written).extracting(AccessDenied::count).containsExactly(2);
  }

  @Test
  void shouldCountOnWhatTheLogDidNotTakeLater() {
    // Given
    deny("/v1/a", ADDRESS);
    deny("/v1/a", ADDRESS);
    now.addAndGet(Denials.WINDOW.toNanos());
    Due lost = denials.due().getFirst();

    // When
    denials.failed(lost, 0);
    pass(Duration.ZERO);

    // Then
    assertThat(sum()).isEqualTo(2);
  }

  /// However long the log is away, what is kept for it has a bound.
  @Test
  void shouldCountTheKindsBeyondItsBoundInOneForEachReason() {
    // Given
    int more = 3_000;
    int known = 7;

    // When nothing is written of what comes, slowly enough to be looked at singly
    for (int i = 0; i < Denials.MOST_KINDS + more; i++) {
      fail("/v1/" + i, "no-key");
      fail("/v1/" + i, "revoked");
    }
    for (int i = 0; i < known; i++) {
      fail("/v1/0", "no-key");
    }

    // Then: each is counted, those of a kind that is known in that, the others by their reason
    List<Due> rest = denials.rest();
    assertThat(rest).hasSize(Denials.MOST_KINDS + 2);
    assertThat(rest.stream().mapToInt(due -> due.denial().count()).sum())
        .isEqualTo(2 * (Denials.MOST_KINDS + more) + known);
    assertThat(rest)
        .extracting(Due::denial)
        .contains(
            new AccessDenied("/v1/0", "", "no-key", ADDRESS, 1 + known),
            other("no-key", Denials.MOST_KINDS / 2 + more),
            other("revoked", Denials.MOST_KINDS / 2 + more));
  }

  @Test
  void shouldTellKindsApartAgainWhenTheLogHasTakenThem() {
    // Given
    for (int i = 0; i <= Denials.MOST_KINDS; i++) {
      fail("/v1/" + i, "no-key");
    }
    pass(Duration.ofSeconds(1));
    assertThat(written).hasSize(Denials.MOST_KINDS + 1).contains(other("no-key", 1));

    // When
    pass(Duration.ofSeconds(1));
    written.clear();
    Outcome next = refuse("/v1/new", "no-key");

    // Then
    assertThat(next).isInstanceOf(Write.class);
    assertThat(((Write) next).due().denial())
        .isEqualTo(new AccessDenied("/v1/new", "", "no-key", ADDRESS, 1));
  }

  private static AccessDenied other(String reason, int count) {
    return new AccessDenied("", "", reason, Denials.OTHER_ADDRESSES, count);
  }

  private Outcome refuse(String what, String reason) {
    now.addAndGet(Duration.ofSeconds(1).toNanos() / Denials.ADDRESS_PER_SECOND);
    return denials.take(
        TenantId.DEFAULT, AuditTrail.ANONYMOUS, what, new AccessDenied(what, "", reason, ADDRESS));
  }

  /// A refusal that the log does not take.
  private void fail(String what, String reason) {
    assertThat(refuse(what, reason))
        .isInstanceOfSatisfying(Write.class, write -> denials.failed(write.due(), 0));
  }
}
