package dev.nexus.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Event;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.triage.SealedInputCheck;
import dev.nexus.scriptedmodel.triage.SynthesisScript.Synthesis;
import dev.nexus.standalone.run.Platform;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// The whole story on the real log with a model that is quick: told once, looked at from all sides.
@TestInstance(Lifecycle.PER_CLASS)
class DemoIT {
  private static final long SEED = 3;

  /// What follows a promotion is shorter than in the demonstration; nothing else is.
  private static final Story.Course COURSE = new Story.Course(200, 100);

  /// The others are records of calls that were served, and feed no verdict.
  private static final Set<Phase> EVIDENCE = EnumSet.of(Phase.SEALED, Phase.SHADOW);

  private static final Map<String, String> FREE_PORTS =
      Map.of("NEXUS_HTTP_PORT", "0", "NEXUS_GRPC_PORT", "0", "NEXUS_KAFKA_PORT", "0");

  @TempDir static Path directory;

  private final StringWriter told = new StringWriter();
  private Optional<DemoReport> report = Optional.empty();
  private Optional<String> brokenOff = Optional.empty();
  private List<Synthesis> requested = List.of();
  private final Map<String, JsonNode> inputs = new HashMap<>();
  private final List<CandidateProposed> candidates = new ArrayList<>();
  private final List<ComparisonCounted> comparisons = new ArrayList<>();

  @BeforeAll
  void tellTheStory() throws InterruptedException {
    var quick = Behaviour.DEFAULT.withSeed(SEED).withMedianLatency(Duration.ofMillis(20));
    DemoModel.Scripted model = DemoModel.scripted(quick);
    var screen = new Screen(new PrintWriter(told), false);
    new Demo(directory, model, SEED, COURSE, FREE_PORTS, screen)
        .run(
            (figures, why, platform) -> {
              report = Optional.of(figures);
              brokenOff = why;
              readLog(platform);
            });
    requested = model.synthesis().recorded();
  }

  @Test
  void shouldPromoteCodeForBothPromptsAndRejectTheFirstCandidate() {
    assertThat(brokenOff).as(told.toString()).isEmpty();
    var figures = report.orElseThrow();
    assertThat(figures.candidates()).isEqualTo(new OracleLedger.Candidates(3, 1, 2, 1));
    assertThat(told.toString())
        .contains("✗ candidate 1 rejected", "✓ candidate 2 promoted", "✓ candidate 1 promoted")
        .containsPattern("it got wrong: .+: code said .*scope=user.*, right is .*organization")
        .containsPattern("candidate 2 declines an input, the model answers it: .+ \\(.+\\)")
        .contains("candidate 2 demoted, the model serves: the prompt changed")
        .contains("because the prompt changed");
  }

  @Test
  void shouldTellWhatTheDefinitionDemands() {
    assertThat(told.toString())
        .contains(
            "  mode      auto: ",
            "  hot       109 distinct inputs make code worth its price; 0 calls must pass",
            "  examples  30 open examples are shown",
            "  proof     right in 95 % of inputs (target); the chance that this is wrong is at most 5 %",
            "  shadow    code runs beside the model until at least 30 live comparisons are made",
            "  canary    code serves 20 % then 50 % of the calls, 40 calls each",
            "  audits    2 % of the calls",
            "  cooldown  1 s",
            "This run: 16 model permits",
            "32 deliveries outstanding",
            StoryLines.LEGEND)
        .contains("● hot: 109 distinct inputs", "30 inputs shown, the rest sealed")
        .contains("serves 20 % as canary", "serves 50 % as canary");
    assertThat(candidates.getFirst().candidate().candidateNumber()).isEqualTo(1);
    assertThat(comparisons)
        .allSatisfy(c -> assertThat(c.verdict().epsilon()).isEqualTo(0.05))
        .extracting(c -> c.verdict().alpha())
        .containsOnly(0.05 / 2, 0.05 / 6);
  }

  @Test
  void shouldAnswerEverythingAndServeRightCode() {
    var figures = report.orElseThrow();
    assertThat(figures.totals().failed()).isZero();
    assertThat(figures.totals().deopts()).isPositive();
    assertThat(figures.totals().audits().count()).isPositive();
    assertThat(figures.code().accuracy()).isEqualTo(1);
    assertThat(figures.code().judged()).isEqualTo(figures.code().count());
    assertThat(figures.model().accuracy()).isBetween(0.94, 0.995);
    assertThat(figures.servedByCode()).isBetween(0.1, 0.65);
  }

  @Test
  void shouldProjectWhatTheLogSays() {
    assertThat(report.orElseThrow().differences()).isEmpty();
  }

  @Test
  void shouldNotLetAGeneratorSeeWhatItsCodeIsJudgedOn() {
    assertThat(candidates).hasSize(3);
    for (CandidateProposed candidate : candidates) {
      Synthesis synthesis = synthesisOf(candidate);
      List<JsonNode> sealed =
          comparisons.stream()
              .filter(c -> c.candidate().equals(candidate.candidate()))
              .filter(c -> c.subject().equals(candidate.subject()))
              .filter(c -> EVIDENCE.contains(c.phase()))
              .map(c -> inputs.get(c.comparedExecution()))
              .toList();
      List<JsonNode> shownInputs =
          synthesis.shown().stream().map(example -> example.path("input")).toList();

      assertThat(sealed).isNotEmpty().doesNotContainNull().doesNotContainAnyElementsOf(shownInputs);
      assertThat(SealedInputCheck.leaks(synthesis.source(), synthesis.shown(), sealed)).isEmpty();
      // What runs has the guard around it, which lists values that inputs had.
      assertThat(SealedInputCheck.leaks(candidate.source(), synthesis.shown(), sealed)).isEmpty();
    }
  }

  /// The request whose answer became the candidate; the guard stands around its source.
  private Synthesis synthesisOf(CandidateProposed candidate) {
    int nth = candidates.indexOf(candidate);
    List<Synthesis> distinct = requested.stream().distinct().toList();
    assertThat(distinct).hasSizeGreaterThanOrEqualTo(3);
    Synthesis synthesis = distinct.get(nth);
    assertThat(candidate.source()).contains(synthesis.source().strip());
    return synthesis;
  }

  private void readLog(Platform platform) {
    var clients = new KafkaClients(platform.settings());
    read(clients, EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class))
        .forEach(
            fact -> {
              if (fact.body() instanceof ExecutionAccepted accepted) {
                inputs.put(fact.envelope().executionId(), CanonicalJson.read(accepted.input()));
              }
            });
    read(clients, EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class))
        .forEach(
            decision -> {
              if (decision.body() instanceof CandidateProposed proposed) {
                candidates.add(proposed);
              }
            });
    read(clients, EventCodec.of(Topic.EVIDENCE, EvidenceEvent.class))
        .forEach(
            event -> {
              if (event.body() instanceof ComparisonCounted counted) {
                comparisons.add(counted);
              }
            });
  }

  private static <E> List<Event<E>> read(KafkaClients clients, EventCodec<E> codec) {
    var events = new ArrayList<Event<E>>();
    try (var consumer = clients.assignedConsumer("demo-it")) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(clients.name(codec.topic())).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(record -> events.add(codec.decode(record.value())));
      }
    }
    return events;
  }
}
