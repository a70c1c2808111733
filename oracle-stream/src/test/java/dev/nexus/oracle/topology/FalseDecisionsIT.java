package dev.nexus.oracle.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.event.promotion.PromotionEvent.CandidateRequested;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.oracle.topology.Components.Ownership;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the oracle cannot have written is put aside when it begins from the log: it neither keeps
/// it from beginning nor gives it components of others.
class FalseDecisionsIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private static final Ownership FIRST = new Ownership(0, 4);
  private static final ComponentKey OURS = componentOf(0);
  private static final ComponentKey OTHERS = componentOf(1);
  private static final Verdict VERDICT = new Verdict(1, 0, 0.1, 0.025, 0.05, 0);

  private final Clock clock = Clock.systemUTC();
  private EventProducer producer;

  @BeforeEach
  void begin() {
    producer = new EventProducer(broker.clients(), "test");
  }

  @AfterEach
  void end() {
    producer.close();
  }

  /// A component of which the owner of a partition decides.
  private static ComponentKey componentOf(int partition) {
    for (int i = 0; ; i++) {
      var key = new ComponentKey(TenantId.DEFAULT, "triage", "classify-" + i);
      if (key.partition(FIRST.partitions()) == partition) {
        return key;
      }
    }
  }

  private Components loaded() {
    var components =
        new Components(
            FIRST,
            new Definitions((_, _) -> Optional.empty()),
            new Outbox(broker.clients(), FIRST.partition()),
            new SystemApplication((_, _) -> Optional.empty()));
    components.load(new LogReader(broker.clients(), new DeadLetters(producer, "oracle", clock)));
    return components;
  }

  private static Subject subject(ComponentKey of) {
    return new Subject(of.componentId(), "identity");
  }

  private Envelope envelope() {
    return Envelope.of(
        UUID.randomUUID(), clock.instant(), TenantId.DEFAULT, "triage", "service:stranger");
  }

  private void decide(String key, PromotionEvent decision) {
    var codec = EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class);
    producer.send(codec, key, new Event<>(envelope(), decision)).join();
  }

  private static CandidateRequested requested(ComponentKey of, int number, String... seal) {
    return new CandidateRequested(subject(of), number, "execution", List.of(seal), List.of());
  }

  private void count(String key, ComponentKey of, int candidate, Verdict verdict) {
    var codec = EventCodec.of(Topic.EVIDENCE, EvidenceEvent.class);
    EvidenceEvent counted =
        new ComparisonCounted(
            subject(of),
            new Candidate(candidate, "hash"),
            "print",
            "execution",
            Phase.SEALED,
            Result.AGREED,
            "truth",
            verdict);
    producer.send(codec, key, new Event<>(envelope(), counted)).join();
  }

  private List<String> reasons(int count) {
    return broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, count).stream()
        .map(letter -> ((RecordDeadLettered) letter.body()).reason())
        .toList();
  }

  @Test
  void shouldPutAsideDecisionsThatCannotBe() {
    // Given
    decide(OURS.text(), requested(OURS, -5));
    decide(OURS.text(), requested(OURS, Integer.MAX_VALUE));
    decide(OURS.text(), requested(OURS, 1, "0:7-3"));
    decide(OURS.text(), requested(OURS, 1, "0:x"));
    decide(OTHERS.text(), requested(OURS, 1));
    decide(OTHERS.text(), requested(OTHERS, 1));
    decide(OURS.text(), requested(OURS, 1, "0:3-7"));
    String source = "function handle(input) { return input; }";
    var other = new Candidate(1, NameIds.sha256(source + " "));
    decide(OURS.text(), new CandidateProposed(subject(OURS), other, source, List.of()));

    // When
    Components components = loaded();

    // Then
    assertThat(reasons(7))
        .hasSize(7)
        .anySatisfy(reason -> assertThat(reason).contains("range expected, found 7-3"))
        .anySatisfy(reason -> assertThat(reason).contains("key " + OURS + " expected"))
        .anySatisfy(reason -> assertThat(reason).contains("expected on partition 1, found on 0"))
        .anySatisfy(reason -> assertThat(reason).contains("source with the hash"));
    assertThat(components.all())
        .singleElement()
        .matches(ComponentOracle::awaitsAnswers, "awaits the code that was asked for");
  }

  @Test
  void shouldPutAsideEvidenceThatCannotBe() {
    // Given
    count(OTHERS.text(), OTHERS, 1, VERDICT);
    count(OTHERS.text(), OURS, 1, VERDICT);
    count(OURS.text(), OURS, 0, VERDICT);
    count(OURS.text(), OURS, 1, new Verdict(1, 0, 0.1, 0.025, Double.NaN, 0));
    count(OURS.text(), OURS, 1, VERDICT);

    // When
    Components components = loaded();

    // Then
    assertThat(reasons(4)).hasSize(4);
    assertThat(components.all())
        .singleElement()
        .matches(
            known -> known.books().counted("identity").equals(Set.of("print")),
            "knows the one comparison");
  }

  @Test
  void shouldLookAtFactsWhoseSourceSaysNothing() {
    // Given
    Components components = loaded();

    // Then
    assertThat(components.concerns("x/y")).isTrue();
    assertThat(components.concerns("/NOBODY/triage")).isTrue();
    assertThat(components.concerns("/default/triage")).isFalse();
  }
}
