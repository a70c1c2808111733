package dev.nexus.projector.ingress;

import static dev.nexus.projector.ingress.OutsideStory.accepted;
import static dev.nexus.projector.ingress.OutsideStory.matched;
import static dev.nexus.projector.ingress.OutsideStory.refused;
import static dev.nexus.projector.ingress.OutsideStory.repeated;
import static dev.nexus.projector.ingress.OutsideStory.unmatched;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.projector.Folded;
import dev.nexus.projector.Story;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IngressFoldTest {
  private static final String SHOP = "urn:shop";

  private final Folded<IngressEvent> folded = Folded.with(new IngressFold(2));

  @Test
  void shouldShowAnEventBeforeItIsDecided() {
    // When
    folded.one(accepted("o-1", SHOP, Story.BEGIN));

    // Then
    assertThat(view(0).status()).isEqualTo(EventStatus.PENDING);
    assertThat(view(0).source()).isEqualTo(SHOP);
    assertThat(view(0).sourceEventId()).isEqualTo("o-1");
    assertThat(view(0).verdictOffset()).isEqualTo(-1);
  }

  @Test
  void shouldSayWhatBecameOfEachEvent() {
    // When
    folded.one(accepted("o-1", SHOP, Story.BEGIN));
    folded.one(accepted("o-2", SHOP, Story.BEGIN));
    folded.one(matched("o-1", SHOP, 0));
    folded.one(accepted("o-1", SHOP, Story.BEGIN));
    folded.one(refused("o-2", SHOP, 1, "no valid input"));
    folded.one(repeated("o-1", SHOP, 3, 0));
    folded.one(accepted("o-3", SHOP, Story.BEGIN));
    folded.one(unmatched("o-3", SHOP, 6));

    // Then
    assertThat(view(0).status()).isEqualTo(EventStatus.MATCHED);
    assertThat(view(0).executions()).containsExactly("execution-1");
    assertThat(view(0).verdictOffset()).isEqualTo(2);
    assertThat(view(1).status()).isEqualTo(EventStatus.REFUSED);
    assertThat(view(1).reason()).isEqualTo("no valid input");
    assertThat(view(3).status()).isEqualTo(EventStatus.DUPLICATE);
    assertThat(view(3).firstOffset()).isZero();
    assertThat(view(6).status()).isEqualTo(EventStatus.UNMATCHED);
    assertThat(folded.store().fields(EventNames.counts(Story.TENANT)))
        .isEqualTo(Map.of("MATCHED", "1", "REFUSED", "1", "DUPLICATE", "1", "UNMATCHED", "1"));
  }

  /// Many that matched do not push the few away that did not.
  @Test
  void shouldKeepTheNewestOfEachStatus() {
    // When
    folded.one(accepted("o-1", SHOP, Story.BEGIN));
    folded.one(unmatched("o-1", SHOP, 0));
    for (int i = 0; i < 5; i++) {
      folded.one(accepted("m-" + i, SHOP, Story.BEGIN));
      folded.one(matched("m-" + i, SHOP, 2 + 2L * i));
    }

    // Then
    assertThat(view(0).status()).isEqualTo(EventStatus.UNMATCHED);
    assertThat(view(6).exists()).isFalse();
    assertThat(view(8).status()).isEqualTo(EventStatus.MATCHED);
    assertThat(view(10).status()).isEqualTo(EventStatus.MATCHED);
    assertThat(folded.store().fields(EventNames.counts(Story.TENANT)))
        .containsEntry("MATCHED", "5");
  }

  @Test
  void shouldCountAVerdictOnce() {
    // When
    folded.one(accepted("o-1", SHOP, Story.BEGIN));
    folded.one(matched("o-1", SHOP, 0));
    folded.one(matched("o-1", SHOP, 0));
    folded.one(unmatched("o-9", SHOP, 77));

    // Then
    assertThat(folded.store().fields(EventNames.counts(Story.TENANT)))
        .isEqualTo(Map.of("MATCHED", "1"));
  }

  private EventView view(long offset) {
    return new EventView(
        folded.store().fields(EventNames.summary(Story.TENANT, EventNames.place(0, offset))));
  }
}
