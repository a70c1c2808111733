package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.triage.ScriptedModelServer;
import dev.nexus.scriptedmodel.triage.SynthesisScript;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.standalone.run.Platform;
import dev.nexus.standalone.run.Progress;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import dev.nexus.testkit.Scale;
import dev.nexus.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// kill -9 of the whole platform at random points of a run, then a restart on the same directory:
/// what was accepted ends once, and the projections are the fold of the log. Under way are calls of
/// a builtin, webhooks that a prompt answers, corrections of the answers, and a promotion of code
/// in that prompt's place, and a rebuild of the projections; beside them keys are issued and calls
/// refused, and the audit knows of those that were answered; and somebody listens to the live
/// stream, comes back after each kill, and misses nothing.
class KillIT {
  private static final int ROUNDS = Integer.getInteger("nexus.kills", Scale.of(2));

  private static final String ORACLE = "nexus.oracle";

  private static FaultReport report;

  @BeforeAll
  static void beginReport() throws IOException {
    report = new FaultReport("KillIT");
  }

  @ParameterizedTest
  @MethodSource("dev.nexus.testkit.Seeds#ofRun")
  void shouldEndEveryAcceptedRequestOnceThroughKills(
      long seed, @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path data) throws Exception {
    // Given
    Seeds.print("KillIT, data in " + data, seed);
    Random random = new Random(seed);
    Callers callers = new Callers(Scale.of(8), "call-", List.of("echo"), new Deliveries(seed));
    Deliveries.provideSecrets(data);
    var model = Behaviour.DEFAULT.withSeed(seed).withMedianLatency(Duration.ofMillis(60));

    try (var scripted = ScriptedModelServer.start(model, new SynthesisScript(), 0);
        AuditedCalls audited = new AuditedCalls();
        StreamWatcher watcher = new StreamWatcher(new Random(seed))) {
      Map<String, String> settings = ScriptedSettings.of(scripted);

      // When
      for (int round = 0; round < ROUNDS; round++) {
        ChildPlatform platform = ChildPlatform.start(data, settings);
        callers.callOn(platform, round == 0);
        audited.callOn(platform.run().addresses().http(), platform.operatorKey());
        watcher.listenTo(platform.run().addresses().http(), platform.operatorKey());
        TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(2_500));
        Rebuilding.begin(platform);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
        platform.kill();
      }
      Instant killed = Instant.now();
      try (ChildPlatform platform = ChildPlatform.start(data, settings)) {
        Duration started = Duration.between(killed, Instant.now());
        callers.callOn(platform, false);
        audited.callOn(platform.run().addresses().http(), platform.operatorKey());
        watcher.listenTo(platform.run().addresses().http(), platform.operatorKey());
        int before = callers.answered().size();
        awaitAnswers(callers, before + 1);
        Duration answered = Duration.between(killed, Instant.now());
        awaitAnswers(callers, before + Scale.of(200));
        report(started, answered, seed);
        Rebuilding.finish(platform);
        callers.finish();
        audited.awaitIssued();
        audited.finish();
        watcher.assertHeardAllOnce(clients(platform));
      }

      // Then
      assertThat(callers.unexpected()).isEmpty();
      assertThat(callers.answered()).hasSize(callers.begun());
      settings.put("NEXUS_DATA_DIR", data.toString());
      try (Platform platform = Platform.start(Settings.of(settings), Progress.silent())) {
        assertNothingLostOrTwice(platform, callers);
        // What was counted in the last second before a kill went with it.
        audited.assertAudited(new KafkaClients(platform.settings()), false);
      }
    }
  }

  private static KafkaClients clients(ChildPlatform platform) {
    return new KafkaClients(Map.of("bootstrap.servers", platform.run().addresses().kafka()), "");
  }

  private static void report(Duration started, Duration answered, long seed) throws IOException {
    report.add(
        "whole platform killed",
        Duration.ZERO,
        "answers after "
            + FaultReport.seconds(answered)
            + ", of which its start took "
            + FaultReport.seconds(started)
            + "; "
            + ROUNDS
            + " kills",
        seed);
  }

  private static void awaitAnswers(Callers callers, int count) {
    Eventually.value(
        Callers.PATIENCE, callers::answered, a -> a.size() >= count, count + " answers");
  }

  private static void assertNothingLostOrTwice(Platform platform, Callers callers) {
    try (LogCheck log = new LogCheck(platform)) {
      log.corrected(callers.corrected())
          .assertNothingLostOrTwice(
              callers.answered(),
              () -> assertThat(log.facts().byApplication()).containsKey(ORACLE));
      assertThat(log.facts().byApplication()).containsOnlyKeys("kill", Deliveries.APP_ID, ORACLE);
      System.out.println(
          "KillIT: executions " + log.facts().byApplication() + ", projections equal");
    }
  }
}
