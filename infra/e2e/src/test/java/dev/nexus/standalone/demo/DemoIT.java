package dev.nexus.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.event.Event;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.scriptedmodel.triage.ScriptedModelServer;
import dev.nexus.scriptedmodel.triage.SealedInputCheck;
import dev.nexus.scriptedmodel.triage.SynthesisScript;
import dev.nexus.scriptedmodel.triage.SynthesisScript.Synthesis;
import dev.nexus.standalone.NexusProcess;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.standalone.run.RunFile;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// The command as a person runs it, in a process of its own, with a model that is quick: the whole
/// story is told once and looked at from all sides.
@TestInstance(Lifecycle.PER_CLASS)
class DemoIT {
  private static final long SEED = 3;

  /// What follows a promotion is shorter than in the demonstration; nothing else is.
  private static final String[] OPTIONS = {
    "--json", "--keep", "--after-first", "200", "--after-second", "100"
  };
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /// What `demo --json` promises, all numbers; other fields may come.
  private static final List<String> CONTRACT =
      List.of(
          "/requests",
          "/failed",
          "/servedByCode",
          "/tiers/model/count",
          "/tiers/model/p50Ms",
          "/tiers/model/p99Ms",
          "/tiers/model/accuracy",
          "/tiers/code/count",
          "/tiers/code/p50Ms",
          "/tiers/code/p99Ms",
          "/tiers/code/accuracy",
          "/candidates/proposed",
          "/candidates/rejected",
          "/candidates/promoted",
          "/candidates/demoted",
          "/tokens/spent",
          "/tokens/saved",
          "/wallSeconds");

  /// The others are records of calls that were served, and feed no verdict.
  private static final Set<Phase> EVIDENCE = EnumSet.of(Phase.SEALED, Phase.SHADOW);

  @TempDir static Path directory;

  private JsonNode figures = MissingNode.getInstance();
  private String told = "";
  private Path kept = Path.of("");
  private int health;
  private OptionalInt exit = OptionalInt.empty();
  private List<Synthesis> requested = List.of();
  private final Map<String, JsonNode> inputs = new HashMap<>();
  private final List<CandidateProposed> candidates = new ArrayList<>();
  private final List<ComparisonCounted> comparisons = new ArrayList<>();

  @BeforeAll
  void tellTheStory() throws Exception {
    var quick = Behaviour.DEFAULT.withSeed(SEED).withMedianLatency(Duration.ofMillis(20));
    var synthesis = new SynthesisScript();
    try (ScriptedModel model = ScriptedModelServer.start(quick, synthesis, 0);
        var demo = DemoProcess.start(directory, DemoProcess.leadingTo(model), OPTIONS)) {
      Eventually.holds(
          PATIENCE, () -> assertThat(demo.process().err()).contains("; Ctrl-C ends it."));
      figures = demo.onlyObject();
      told = demo.process().err();
      kept = demo.data();
      Addresses addresses = RunFile.read(kept).orElseThrow().addresses();
      health = health(addresses.http());
      readLog(clientsOf(addresses));
      if (!demo.process().ignoresInterrupts()) {
        demo.process().interrupt();
        exit = OptionalInt.of(demo.process().awaitExit(Duration.ofMinutes(2)));
      }
    }
    requested = synthesis.recorded();
  }

  @Test
  void shouldPromoteCodeForBothPromptsAndRejectTheFirstCandidate() {
    assertThat(figures.has("error")).as(told).isFalse();
    assertThat(figures.path("candidates"))
        .isEqualTo(
            CanonicalJson.read(
                "{'proposed':3,'rejected':1,'promoted':2,'demoted':1}".replace("'", "\"")));
    assertThat(told)
        .contains("✗ candidate 1 rejected", "✓ candidate 2 promoted", "✓ candidate 1 promoted")
        .containsPattern("it got wrong: .+: code said .*scope=user.*, right is .*organization")
        .containsPattern("candidate 2 declines an input, the model answers it: .+ \\(.+\\)")
        .contains("candidate 2 demoted, the model serves: the prompt changed")
        .contains("because the prompt changed");
  }

  @Test
  void shouldPrintTheFiguresItPromises() {
    assertThat(CONTRACT)
        .allSatisfy(field -> assertThat(figures.at(field).isNumber()).as(field).isTrue());
    assertThat(told).contains("The model: model: " + ScriptedModel.NAME);
  }

  @Test
  void shouldKeepThePlatformUntilCtrlC() {
    assertThat(told).contains("  ./nexus events evidence --data " + kept);
    assertThat(health).isEqualTo(200);
    NexusProcess.needsInterrupts(exit.isPresent());
    assertThat(exit).hasValue(NexusProcess.INTERRUPTED);
    assertThat(EmbeddedRedis.urlOfRunning(kept.resolve("redis"))).isEmpty();
  }

  @Test
  void shouldTellWhatTheDefinitionDemands() {
    assertThat(told)
        .contains(
            "  mode      auto: ",
            "  hot       109 distinct inputs are enough to prove code; 0 calls must pass",
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
    assertThat(figures.path("failed").asInt(-1)).isZero();
    assertThat(figures.path("deopts").asInt()).isPositive();
    assertThat(figures.path("audits").asInt()).isPositive();
    JsonNode code = figures.at("/tiers/code");
    assertThat(code.path("accuracy").asDouble()).isEqualTo(1);
    assertThat(code.path("judged")).isEqualTo(code.path("count"));
    assertThat(figures.at("/tiers/model/accuracy").asDouble()).isBetween(0.94, 0.995);
    assertThat(figures.path("servedByCode").asDouble()).isBetween(0.1, 0.65);
  }

  @Test
  void shouldProjectWhatTheLogSays() {
    assertThat(figures.path("projectionsDiffer").isArray()).isTrue();
    assertThat(figures.path("projectionsDiffer")).isEmpty();
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

  private static KafkaClients clientsOf(Addresses addresses) {
    return new KafkaClients(
        Settings.of(
            Map.of(
                Setting.KAFKA_BOOTSTRAP_SERVERS.variable(),
                addresses.kafka(),
                Setting.KAFKA_TOPIC_PREFIX.variable(),
                addresses.topicPrefix())));
  }

  private static int health(String base) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create(base + "/health")).build();
      return client.send(request, BodyHandlers.discarding()).statusCode();
    }
  }

  private void readLog(KafkaClients clients) {
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
