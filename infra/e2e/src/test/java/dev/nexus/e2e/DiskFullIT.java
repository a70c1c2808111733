package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.OperatorKey;
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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The disk of a platform fills up. First new work is refused, with a reason, until there is room
/// again. Then there is no byte left, whatever that breaks: with room again and started anew, the
/// platform has lost nothing.
class DiskFullIT {
  private static final int DISK_MB = 320;
  private static final int RESERVE_MB = 96;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /// That are waited for at each point.
  private static final int ANSWERS = Scale.of(40);

  private static final int PROMPTS = 3;

  private static final Pattern ENDED = Pattern.compile("Execution(Cancelled|Succeeded|Failed)");

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static FaultReport report;

  @BeforeAll
  static void beginReport() throws IOException {
    report = new FaultReport("DiskFullIT");
  }

  @ParameterizedTest
  @MethodSource("dev.nexus.testkit.Seeds#ofRun")
  void shouldRefuseNewWorkThenSurviveAFullDisk(long seed, @TempDir Path directory)
      throws Exception {
    // Given
    Seeds.print("DiskFullIT", seed);
    Random random = new Random(seed);
    Behaviour model = Behaviour.DEFAULT.withSeed(seed).withMedianLatency(Duration.ofMillis(60));
    try (SizedDisk disk = SizedDisk.mount(directory, DISK_MB, report);
        var scripted = ScriptedModelServer.start(model, new SynthesisScript(), 0)) {
      Path data = disk.directory();
      Deliveries.provideSecrets(data);
      Map<String, String> settings = ScriptedSettings.of(scripted);
      settings.put("NEXUS_DISK_RESERVE_MB", Integer.toString(RESERVE_MB));
      Callers callers = new Callers(Scale.of(6), "call-", List.of("echo"), new Deliveries(seed));

      // When: almost full, then room again, then not a byte left
      boolean endedByItself;
      ChildPlatform child = ChildPlatform.start(data, settings);
      try (child) {
        callers.callOn(child, true);
        awaitAnswers(callers, ANSWERS);
        for (int times = 1; times <= Scale.of(1); times++) {
          Duration refused = almostFill(disk, callers, child);
          report.add("disk almost full", refused, relieve(disk, callers), seed);
        }
        disk.fillTo(0);
        TimeUnit.MILLISECONDS.sleep(2_000 + random.nextInt(2_000));
        endedByItself = ProcessHandle.of(child.run().pid()).isEmpty();
        child.kill();
      }
      disk.empty();
      Instant emptied = Instant.now();
      settings.put("NEXUS_DATA_DIR", data.toString());
      try (Platform platform = Platform.start(Settings.of(settings), Progress.silent())) {
        int before = callers.answered().size();
        callers.callOn(platform.addresses(), OperatorKey.read(data).orElseThrow(), false);
        awaitAnswers(callers, before + 1);
        Duration answered = Duration.between(emptied, Instant.now());
        awaitAnswers(callers, before + ANSWERS);
        Duration allOfThem = Duration.between(emptied, Instant.now());
        callers.finish();

        // Then
        assertThat(callers.unexpected()).isEmpty();
        assertThat(callers.answered()).hasSize(callers.begun());
        try (LogCheck log = new LogCheck(platform)) {
          log.corrected(callers.corrected()).assertNothingLostOrTwice(callers.answered());
        }
        report.add(
            "disk full, then started anew",
            allOfThem,
            "answers after "
                + FaultReport.seconds(answered)
                + ", of a start; it had "
                + (endedByItself ? "ended by itself" : "to be killed"),
            seed);
      }
    }
  }

  /// Prompts that are accepted; the model does not know to answer them.
  private static Set<String> begin(ChildPlatform platform)
      throws IOException, InterruptedException {
    Set<String> begun = new HashSet<>();
    for (int i = 0; i < PROMPTS; i++) {
      var answer =
          post(platform, "/v1/apps/kill/components/ask/invoke?wait=0s", "{\"n\":" + i + "}");
      assertThat(answer.statusCode()).isEqualTo(202);
      begun.add(CanonicalJson.read(answer.body()).path("executionId").asText());
    }
    return begun;
  }

  /// What was accepted goes on to its end while new work is refused, and reads show it.
  private static void end(ChildPlatform platform, Set<String> executions)
      throws IOException, InterruptedException {
    for (String execution : executions) {
      var answer =
          post(platform, "/v1/executions/" + execution + "/cancel", "{\"reason\":\"full\"}");
      // It may have ended by itself, or not have begun.
      assertThat(answer.statusCode()).isIn(200, 202, 409);
      HttpRequest question = request(platform, "/v1/executions/" + execution).GET().build();
      Eventually.value(
          PATIENCE,
          () -> HTTP.send(question, BodyHandlers.ofString()),
          read -> read.statusCode() == 200 && ENDED.matcher(read.body()).find(),
          execution + " is shown as ended");
    }
  }

  private static HttpResponse<String> post(ChildPlatform platform, String path, String json)
      throws IOException, InterruptedException {
    return HTTP.send(
        request(platform, path).POST(BodyPublishers.ofString(json)).build(),
        BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(ChildPlatform platform, String path)
      throws IOException {
    return HttpRequest.newBuilder(URI.create(platform.run().addresses().http() + path))
        .timeout(Duration.ofMinutes(1))
        .header("Authorization", "Bearer " + platform.operatorKey())
        .header("Content-Type", "application/json");
  }

  /// Leaves too little room for new work; how long until that is refused.
  private static Duration almostFill(SizedDisk disk, Callers callers, ChildPlatform platform)
      throws IOException, InterruptedException {
    Set<String> begun = begin(platform);
    int before = callers.refused().getOrDefault(507, 0);
    disk.fillTo((RESERVE_MB / 2) << 20);
    Instant full = Instant.now();
    Eventually.value(PATIENCE, callers::refused, r -> r.getOrDefault(507, 0) > before, "a refusal");
    Duration refused = Duration.between(full, Instant.now());
    end(platform, begun);
    return refused;
  }

  /// Makes room; how long until work is done again.
  private static String relieve(SizedDisk disk, Callers callers) throws IOException {
    disk.empty();
    Instant emptied = Instant.now();
    awaitAnswers(callers, callers.answered().size() + ANSWERS);
    return "answers after " + FaultReport.seconds(Duration.between(emptied, Instant.now()));
  }

  private static void awaitAnswers(Callers callers, int count) {
    Eventually.value(PATIENCE, callers::answered, a -> a.size() >= count, count + " answers");
  }
}
