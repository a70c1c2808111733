package dev.nexus.platform.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.TenantId;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who finds a place, by the places that there are.
class PlacesTest {
  private static final TenantId ONE = new TenantId("one");
  private static final TenantId TWO = new TenantId("two");

  private static Places<Integer> of(int all) {
    return new Places<>(all, "all " + all + " are taken");
  }

  private static void assertNoPlace(
      Places<Integer> places, TenantId tenant, String keyId, boolean ownShare, String why) {
    assertThatThrownBy(() -> places.take(-1, tenant, keyId))
        .hasMessageContaining(why)
        .isInstanceOfSatisfying(
            NoPlaceException.class, e -> assertThat(e.ownShare()).isEqualTo(ownShare));
  }

  /// Gives the first holder behind those that came.
  private static int take(Places<Integer> places, TenantId tenant, String keyId, int from, int n) {
    for (int holder = from; holder < from + n; holder++) {
      places.take(holder, tenant, keyId);
    }
    return from + n;
  }

  @Test
  void shouldKeepPlacesForOthersWhenOneKeyTakesAllItCan() {
    // Given
    Places<Integer> places = of(64);
    int next = take(places, ONE, "a", 0, 16);

    // Then
    assertNoPlace(places, ONE, "a", true, "this key has 16 streams open");
    places.take(next, ONE, "b");
    places.take(next + 1, TWO, "a");
    assertNoPlace(places, ONE, "a", true, "this key has 16 streams open");

    // When one of them ends
    places.leave(0);

    // Then
    places.take(next + 2, ONE, "a");
    assertNoPlace(places, ONE, "a", true, "this key has 16 streams open");
  }

  @Test
  void shouldKeepPlacesForOtherTenantsWhenTheKeysOfOneTakeAllTheyCan() {
    // Given
    Places<Integer> places = of(64);
    int next = 0;
    for (String key : List.of("a", "b", "c")) {
      next = take(places, ONE, key, next, 16);
    }

    // Then
    assertNoPlace(places, ONE, "d", true, "the keys of tenant 'one' have 48 streams open");

    // When another tenant takes the rest
    take(places, TWO, "d", next, 16);

    // Then
    assertNoPlace(places, TWO, "e", false, "all 64 are taken");
  }

  @Test
  void shouldGiveEachKeyOnePlaceWhereThereAreFew() {
    for (int all = 1; all < 8; all++) {
      // Given
      Places<Integer> places = of(all);
      places.take(0, ONE, "a");

      // Then
      assertNoPlace(places, ONE, "a", true, "this key has 1 stream open");
      for (int i = 1; i < all; i++) {
        places.take(i, new TenantId("tenant-" + i), "a");
      }
      assertNoPlace(places, TWO, "b", false, "all " + all + " are taken");
    }
  }

  /// One that takes 3 of 4 leaves one to others; of 3, all are for whoever comes.
  @Test
  void shouldLeaveAQuarterToOtherTenants() {
    // Given
    Places<Integer> four = of(4);
    Places<Integer> three = of(3);
    for (String key : List.of("a", "b", "c")) {
      four.take(key.charAt(0) - 'a', ONE, key);
      three.take(key.charAt(0) - 'a', ONE, key);
    }

    // Then
    assertNoPlace(four, ONE, "d", true, "the keys of tenant 'one' have 3 streams open");
    four.take(3, TWO, "d");
    assertNoPlace(three, TWO, "d", false, "all 3 are taken");
  }

  @Test
  void shouldFreeAPlaceOnceHoweverOftenItIsLeft() {
    // Given
    Places<Integer> places = of(8);
    take(places, ONE, "a", 0, 2);

    // When
    places.leave(0);
    places.leave(0);

    // Then
    places.take(2, ONE, "a");
    assertNoPlace(places, ONE, "a", true, "this key has 2 streams open");
  }

  @Test
  void shouldFreeThePlacesOfAllThatAreGone() {
    // Given
    Places<Integer> places = of(16);
    take(places, ONE, "a", 0, 4);

    // When
    places.removeIf(holder -> holder % 2 == 0);

    // Then
    take(places, ONE, "a", 10, 2);
    assertNoPlace(places, ONE, "a", true, "this key has 4 streams open");
  }
}
