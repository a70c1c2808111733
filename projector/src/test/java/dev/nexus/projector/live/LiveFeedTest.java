package dev.nexus.projector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.TenantId;
import dev.nexus.platform.admission.NoPlaceException;
import dev.nexus.platform.stream.KafkaClients;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Who finds a place at the live stream.
class LiveFeedTest {
  private static final TenantId ONE = new TenantId("one");
  private static final TenantId TWO = new TenantId("two");
  private static final int OF_A_KEY = 16;

  private final LiveFeed feed =
      new LiveFeed(
          new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:1"), ""),
          (e, offset) -> Optional.of(""));

  private Listener listen(TenantId tenant, String keyId) {
    return feed.listen(
        keyId, new LiveFilter(tenant, "", "", Set.of(), app -> true), Optional.empty());
  }

  private List<Listener> listen(TenantId tenant, String keyId, int count) {
    List<Listener> listeners = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      listeners.add(listen(tenant, keyId));
    }
    return listeners;
  }

  private void assertNoPlace(TenantId tenant, String keyId, boolean ownShare, String why) {
    assertThatThrownBy(() -> listen(tenant, keyId))
        .hasMessageContaining(why)
        .isInstanceOfSatisfying(
            NoPlaceException.class, e -> assertThat(e.ownShare()).isEqualTo(ownShare));
  }

  @Test
  void shouldKeepPlacesForOthersUntilAListenerOfTheKeyCloses() {
    // Given
    List<Listener> listeners = listen(ONE, "a", OF_A_KEY);

    // Then
    assertNoPlace(ONE, "a", true, "this key has 16 streams open");

    // When
    listeners.getFirst().close();

    // Then
    assertThat(listen(ONE, "a")).isNotNull();
    assertThat(listen(ONE, "b")).isNotNull();
    assertThat(listen(TWO, "a")).as("of a key of another tenant").isNotNull();
  }

  @Test
  void shouldSayThatItIsFullToWhomHasNoneOfThePlaces() {
    // When
    for (String key : List.of("a", "b", "c")) {
      listen(ONE, key, OF_A_KEY);
    }
    listen(TWO, "d", OF_A_KEY);

    // Then
    assertNoPlace(TWO, "e", false, "64 listeners are connected already");
  }
}
