package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.rebuild.Verifier;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.scriptedmodel.triage.ScriptedModelServer;
import dev.nexus.scriptedmodel.triage.SynthesisScript;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.standalone.run.Platform;
import dev.nexus.standalone.run.Progress;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// kill -9 of the whole platform at random points of a run, then a restart on the same directory:
/// what was accepted ends once, and the projections are the fold of the log. Under way are calls of
/// a builtin, webhooks that a prompt answers, corrections of the answers, and a promotion of code
/// in that prompt's place, and a rebuild of the projections.
class KillIT {
  private static final int ROUNDS =
      Integer.getInteger("nexus.kills", Boolean.getBoolean("nexus.soak") ? 12 : 2);

  /// Work that a killed platform had started is done again after this.
  private static final Duration LEASE = Duration.ofSeconds(3);

  private static final String ORACLE = "nexus.oracle";

  private static final Set<Class<? extends ExecutionEvent>> ENDS =
      Set.of(
          ExecutionSucceeded.class,
          ExecutionFailed.class,
          ExecutionCancelled.class,
          ExecutionTimedOut.class);

  @Test
  void shouldEndEveryAcceptedRequestOnceThroughKills(
      @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path data) throws Exception {
    // Given
    long seed = Long.getLong("nexus.seed", System.nanoTime());
    System.out.println(
        "KillIT seed " + seed + " (repeat with -Dnexus.seed=" + seed + "), data in " + data);
    Random random = new Random(seed);
    Callers callers = new Callers(8, new Deliveries(seed));
    Deliveries.provideSecrets(data);
    var model = Behaviour.DEFAULT.withSeed(seed).withMedianLatency(Duration.ofMillis(60));

    try (var scripted = ScriptedModelServer.start(model, new SynthesisScript(), 0)) {
      Map<String, String> settings = settings(scripted);

      // When
      for (int round = 0; round < ROUNDS; round++) {
        ChildPlatform platform = ChildPlatform.start(data, settings);
        callers.callOn(platform, round == 0);
        TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(2_500));
        Rebuilding.begin(platform);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
        platform.kill();
      }
      try (ChildPlatform platform = ChildPlatform.start(data, settings)) {
        callers.callOn(platform, false);
        int before = callers.answered().size();
        Eventually.value(
            Duration.ofSeconds(60),
            callers::answered,
            a -> a.size() > before + 200,
            "calls after the last kill");
        Rebuilding.finish(platform);
        callers.finish();
      }

      // Then
      assertThat(callers.unexpected()).isEmpty();
      assertThat(callers.answered()).hasSize(callers.begun());
      settings.put("NEXUS_DATA_DIR", data.toString());
      try (Platform platform = Platform.start(Settings.of(settings), Progress.silent())) {
        assertNothingLostOrTwice(platform, callers.answered());
      }
    }
  }

  private static void assertNothingLostOrTwice(Platform platform, Set<String> accepted) {
    Map<String, List<Event<ExecutionEvent>>> facts =
        Eventually.value(
            Duration.ofSeconds(60),
            () -> facts(platform),
            all ->
                all.keySet().containsAll(accepted)
                    && all.values().stream().allMatch(KillIT::ended)
                    && byApplication(all).containsKey(ORACLE),
            "every accepted request, and what the oracle asks for, has ended");
    assertThat(repeated(platform)).as("facts written twice").isEmpty();
    facts.forEach(KillIT::assertWhole);
    assertThat(byApplication(facts)).containsOnlyKeys("kill", Deliveries.APP_ID, ORACLE);
    var verification = platform.context().getBean(Verifier.class).verify(Duration.ofSeconds(30));
    assertThat(verification.differences()).isEmpty();
    System.out.println(
        "KillIT: executions " + byApplication(facts) + ", " + ROUNDS + " kills, projections equal");
  }

  private static Map<String, Long> byApplication(Map<String, List<Event<ExecutionEvent>>> facts) {
    return facts.values().stream()
        .collect(
            Collectors.groupingBy(f -> f.getFirst().envelope().appId(), Collectors.counting()));
  }

  private static boolean ended(List<Event<ExecutionEvent>> facts) {
    return facts.stream().anyMatch(KillIT::isEnd);
  }

  private static boolean isEnd(Event<ExecutionEvent> fact) {
    return ENDS.contains(fact.body().getClass());
  }

  private static void assertWhole(String execution, List<Event<ExecutionEvent>> facts) {
    Set<Object> ids = facts.stream().map(f -> f.envelope().eventId()).collect(Collectors.toSet());
    assertThat(ids).as("distinct facts of " + execution).hasSize(facts.size());
    assertThat(facts)
        .as("sequence of " + execution)
        .extracting(f -> f.envelope().sequence())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, facts.size()).boxed().toList());
    assertThat(facts).as("ends of " + execution).filteredOn(KillIT::isEnd).hasSize(1);
  }

  /// Places of facts that stand on the log more than once.
  private static List<String> repeated(Platform platform) {
    var codec = EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
    Map<Object, List<String>> places =
        new TopicReader(new KafkaClients(platform.settings()))
            .records(Topic.EXECUTIONS).stream()
                .collect(
                    Collectors.groupingBy(
                        r -> codec.decode(r.value()).envelope().eventId(),
                        Collectors.mapping(
                            r ->
                                r.partition()
                                    + "@"
                                    + r.offset()
                                    + " "
                                    + Instant.ofEpochMilli(r.timestamp())
                                    + " "
                                    + codec.decode(r.value()).body().getClass().getSimpleName()
                                    + " from "
                                    + codec.decode(r.value()).envelope().input(),
                            Collectors.toList())));
    return places.values().stream().filter(p -> p.size() > 1).map(Object::toString).toList();
  }

  private static Map<String, List<Event<ExecutionEvent>>> facts(Platform platform) {
    var reader = new TopicReader(new KafkaClients(platform.settings()));
    return reader
        .read(Topic.EXECUTIONS, EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class))
        .stream()
        .collect(Collectors.groupingBy(f -> f.envelope().executionId()));
  }

  private static Map<String, String> settings(ScriptedModel model) {
    return new HashMap<>(
        Map.of(
            "NEXUS_LLM_BASE_URL",
            model.baseUrl().toString(),
            "NEXUS_LLM_MODEL",
            ScriptedModel.NAME,
            "NEXUS_LEASE",
            LEASE.toSeconds() + "s",
            "NEXUS_HTTP_PORT",
            "0",
            "NEXUS_GRPC_PORT",
            "0",
            "NEXUS_KAFKA_PORT",
            "0"));
  }
}
