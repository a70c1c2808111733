package dev.nexus.scriptedmodel.triage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DeliverySequenceTest {
  private static final TriageCorpus CORPUS = TriageCorpus.load();

  @Test
  void shouldBeginWithUsersRepositories() {
    // When
    var first = take(new DeliverySequence(CORPUS, 1, "run"), DeliverySequence.FROM_USERS);

    // Then
    assertThat(first).allMatch(delivery -> delivery.webhook().fromUsersRepository());
    assertThat(first).allMatch(delivery -> delivery.hook() == Hook.USERS);
    assertThat(first.stream().map(Delivery::webhook).distinct()).hasSize(60);
  }

  @Test
  void shouldDeliverEveryWebhookOnceAPass() {
    // Given
    var sequence = new DeliverySequence(CORPUS, 1, "run");

    // When
    var passes = Stream.generate(() -> take(sequence, 324)).limit(3).toList();

    // Then
    for (var pass : passes) {
      assertThat(webhooks(pass)).containsExactlyInAnyOrderElementsOf(CORPUS.webhooks());
    }
    assertThat(webhooks(passes.get(1))).isNotEqualTo(webhooks(passes.get(2)));
  }

  @Test
  void shouldMixOrganisationsInWithinTheFirstHundredAndNine() {
    var sealed = take(new DeliverySequence(CORPUS, 3, "run"), 109).subList(30, 109);

    assertThat(sealed.stream().filter(d -> d.webhook().fromOrganisationsRepository()).count())
        .isGreaterThanOrEqualTo(4);
  }

  @Test
  void shouldRepeatBySeedAndRunAndShareNoIdBetweenRuns() {
    var once = take(new DeliverySequence(CORPUS, 5, "a"), 700);
    var again = take(new DeliverySequence(CORPUS, 5, "a"), 700);
    var other = take(new DeliverySequence(CORPUS, 5, "b"), 700);

    assertThat(again).isEqualTo(once);
    assertThat(webhooks(other)).isEqualTo(webhooks(once));
    assertThat(Stream.concat(once.stream(), other.stream()).map(Delivery::id).distinct())
        .hasSize(1400);
  }

  @Test
  void shouldReportTheTruthOfItsOwnDelivery() {
    var delivery = new DeliverySequence(CORPUS, 5, "a").next();

    var data = delivery.truthData(Hook.USERS.source());

    assertThat(data.path("id").asText()).isEqualTo(delivery.id());
    assertThat(data.path("source").asText()).isEqualTo(Hook.USERS.source());
    assertThat(data.path("output")).isEqualTo(delivery.webhook().truth());
  }

  private static List<Delivery> take(DeliverySequence sequence, int count) {
    return Stream.generate(sequence::next).limit(count).toList();
  }

  private static List<Webhook> webhooks(List<Delivery> deliveries) {
    return deliveries.stream().map(Delivery::webhook).toList();
  }
}
