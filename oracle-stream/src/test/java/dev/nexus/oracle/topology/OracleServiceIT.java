package dev.nexus.oracle.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CandidateDemoted;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.event.promotion.PromotionEvent.CandidateRejected;
import dev.nexus.event.promotion.PromotionEvent.ComponentFoundHot;
import dev.nexus.event.promotion.PromotionEvent.CooldownStarted;
import dev.nexus.event.promotion.PromotionEvent.IdentityChanged;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The oracle on a real log, with a router that answers as the sample's would.
class OracleServiceIT {
  private static final long SEED = 20_261_120;
  private static final Duration LONG = Duration.ofMinutes(2);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private LogRouter router;

  @BeforeEach
  void publish() {
    router = new LogRouter(broker.clients());
    router.publish(TestDefinitions.system());
    router.publish(TestDefinitions.application("sort", "reported", TestDefinitions.POLICY));
  }

  @AfterEach
  void close() {
    router.close();
  }

  @Test
  void shouldPromoteTheSecondCandidateAndStopItWhenThePromptChanges() {
    try (OracleService oracle = router.oracle()) {
      router.callUntil(Webhooks.deliveries(SEED, 12), () -> has(CandidatePromoted.class));
      router.publish(TestDefinitions.application("sort anew", "reported", TestDefinitions.POLICY));

      Eventually.holds(LONG, () -> assertThat(has(IdentityChanged.class)).isTrue());
      Eventually.holds(() -> assertThat(oracle.healthy()).isTrue());
      assertThat(names())
          .startsWith("ComponentFoundHot", "CandidateRequested", "CandidateProposed")
          .containsSubsequence(
              "CandidateRejected",
              "CooldownStarted",
              "CandidateProposed",
              "ShadowStarted",
              "CanaryStarted",
              "CanaryStarted",
              "CandidatePromoted",
              "CandidateDemoted",
              "IdentityChanged");
      assertThat(has(CandidateDemoted.class)).isTrue();
      // The end of a transaction is written to one topic after the other.
      Eventually.holds(
          () ->
              assertThat(broker.read(Topic.ROUTES, RouteEvent.class))
                  .last()
                  .satisfies(r -> assertThat(((RouteSet) r.body()).codePermille()).isZero()));
      assertThat(idsAreUnique()).isTrue();
    }
  }

  @Test
  void shouldGoOnWhereAStoppedOracleLeftOffAlsoWithoutOldFacts() throws Exception {
    try (OracleService first = router.oracle()) {
      router.callUntil(
          Webhooks.deliveries(SEED, 12),
          () -> has(PromotionEvent.CandidateRequested.class) && first.healthy());
    }
    long comparisons = broker.read(Topic.EVIDENCE, EvidenceEvent.class).size();
    try (OracleService second = router.oracle()) {
      router.callUntil(Webhooks.deliveries(SEED + 1, 12), () -> has(CandidatePromoted.class));

      Eventually.holds(() -> assertThat(second.healthy()).isTrue());
      assertThat(broker.read(Topic.EVIDENCE, EvidenceEvent.class).size())
          .isGreaterThan((int) comparisons);
      assertThat(idsAreUnique()).isTrue();
      assertThat(names().stream().filter("ComponentFoundHot"::equals)).hasSize(1);
      long promotedAt = router.end();
      Eventually.holds(LONG, () -> assertThat(router.covered()).isGreaterThanOrEqualTo(promotedAt));
    }
    goOnWithoutOldFacts();
  }

  /// What an oracle said it needs no more is deleted, and the next one knows what that one knew.
  private void goOnWithoutOldFacts() throws Exception {
    // Given
    List<String> decided = names();
    long counted = broker.read(Topic.EVIDENCE, EvidenceEvent.class).size();

    // When
    router.cut();

    // Then
    try (OracleService third = router.oracle()) {
      router.callUntil(
          Webhooks.deliveries(SEED + 2, 12),
          () -> broker.read(Topic.EVIDENCE, EvidenceEvent.class).size() > counted);
      assertThat(names()).isEqualTo(decided);
      Eventually.holds(() -> assertThat(third.healthy()).isTrue());
      assertThat(idsAreUnique()).isTrue();
    }
  }

  /// A router writes no fact twice; where one stands on the log twice all the same, it is one.
  @Test
  void shouldCountAFactOnceThatStandsOnTheLogTwice() {
    // Given calls with different inputs, enough to make the component hot, before an oracle reads
    List<Json> first = Webhooks.deliveries(SEED, 1).subList(0, 120);
    router.repeatFacts();
    router.call(first);
    try (OracleService oracle = router.oracle()) {
      // When more come, which are compared in every phase
      router.callUntil(Webhooks.deliveries(SEED + 1, 12), () -> has(CandidatePromoted.class));

      // Then
      Eventually.holds(() -> assertThat(oracle.healthy()).isTrue());
      List<ComponentFoundHot> hot =
          broker.read(Topic.PROMOTIONS, PromotionEvent.class).stream()
              .map(Event::body)
              .filter(ComponentFoundHot.class::isInstance)
              .map(ComponentFoundHot.class::cast)
              .toList();
      assertThat(hot).hasSize(1);
      assertThat(hot.getFirst().calls()).isEqualTo(first.size());
      assertThat(hot.getFirst().distinctInputs()).isEqualTo(first.size());
      assertThat(idsAreUnique()).isTrue();
      assertThat(comparedInEachPhase()).doesNotHaveDuplicates();
    }
  }

  private static List<String> comparedInEachPhase() {
    return broker.read(Topic.EVIDENCE, EvidenceEvent.class).stream()
        .map(event -> (ComparisonCounted) event.body())
        .map(c -> c.candidate().candidateNumber() + " " + c.phase() + " " + c.comparedExecution())
        .toList();
  }

  @Test
  void shouldPassAFactThatCannotBeRead() {
    router
        .producer()
        .send(
            new ProducerRecord<>(
                broker.clients().name(Topic.EXECUTIONS), "x", new byte[] {1, 2, 3}))
        .join();
    try (OracleService oracle = router.oracle()) {
      router.callUntil(Webhooks.deliveries(SEED, 12), () -> has(CandidateRejected.class));

      Eventually.holds(() -> assertThat(has(CooldownStarted.class)).isTrue());
      var dead = broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1);
      assertThat(dead)
          .singleElement()
          .satisfies(
              letter ->
                  assertThat(((RecordDeadLettered) letter.body()).reason())
                      .contains("Confluent wire format"));
      Eventually.holds(() -> assertThat(oracle.healthy()).isTrue());
    }
  }

  @Test
  void shouldPutAFactAsideThatFailsTwiceAndGoOn() {
    var unusable =
        new ExecutionAccepted(
            TestDefinitions.COMPONENT,
            "digest",
            new Json("{broken"),
            "",
            Instant.now(),
            ReplyAddress.NOBODY,
            "http");
    try (OracleService oracle = router.oracle()) {
      router.fact(TestDefinitions.APP, UUID.randomUUID().toString(), unusable).join();

      Eventually.holds(
          LONG,
          () ->
              assertThat(broker.read(Topic.DEAD_LETTERS, DeadLetterEvent.class))
                  .singleElement()
                  .satisfies(
                      letter ->
                          assertThat(((RecordDeadLettered) letter.body()).reason())
                              .startsWith("JSON expected, found 'broken'")));
      Eventually.holds(LONG, () -> assertThat(oracle.healthy()).isTrue());
      router.callUntil(Webhooks.deliveries(SEED, 12), () -> has(CandidateRejected.class));
      assertThat(broker.read(Topic.DEAD_LETTERS, DeadLetterEvent.class)).hasSize(1);
      assertThat(idsAreUnique()).isTrue();
    }
  }

  @Test
  void shouldGoOnWhenItWasFencedAndTheGroupStillGivesItThePartition() {
    try (OracleService oracle = router.oracle()) {
      for (int partition = 0; partition < router.oraclePartitions(); partition++) {
        new DecisionWriter(broker.clients(), partition).close();
      }

      router.callUntil(Webhooks.deliveries(SEED, 40), () -> has(CandidateProposed.class));

      Eventually.holds(LONG, () -> assertThat(oracle.healthy()).isTrue());
      assertThat(idsAreUnique()).isTrue();
      assertThat(names().stream().filter("ComponentFoundHot"::equals)).hasSize(1);
    }
  }

  @Test
  void shouldFenceAStaleOwner() {
    var stale = new DecisionWriter(broker.clients(), 0);
    var fresh = new DecisionWriter(broker.clients(), 0);
    try {
      var outbox = new Outbox(broker.clients(), 0);
      var key = new ComponentKey(TenantId.DEFAULT, "app", "component");
      var cause = new Cause(Instant.now(), Position.NONE, new UUID(0, 1), "correlation");
      outbox.promotion(
          key,
          new PromotionEvent.ComponentPinned(
              new PromotionEvent.Subject("component", "identity"), "a test"),
          1,
          cause);
      var records = outbox.take();

      assertThatThrownBy(() -> stale.write(records))
          .isInstanceOfAny(ProducerFencedException.class, InvalidProducerEpochException.class);
      assertThat(fresh.write(records)).isEqualTo(Map.of());
      assertThat(broker.read(Topic.PROMOTIONS, PromotionEvent.class)).hasSize(1);
    } finally {
      stale.close();
      fresh.close();
    }
  }

  private boolean has(Class<? extends PromotionEvent> type) {
    return names().contains(type.getSimpleName());
  }

  private List<String> names() {
    return router.decided();
  }

  private boolean idsAreUnique() {
    var evidence = broker.read(Topic.EVIDENCE, EvidenceEvent.class);
    var requests = broker.read(Topic.REQUESTS, RequestEvent.class);
    return evidence.stream().map(e -> e.envelope().eventId()).distinct().count() == evidence.size()
        && requests.stream().map(e -> e.envelope().eventId()).distinct().count() == requests.size();
  }
}
