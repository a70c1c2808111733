package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedAnswer;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.scriptedmodel.triage.SynthesisScript;
import dev.nexus.scriptedmodel.triage.TriageCorpus;
import dev.nexus.scriptedmodel.triage.TriageScript;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.standalone.run.OperatorKey;
import dev.nexus.standalone.run.Platform;
import dev.nexus.standalone.run.Progress;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Profile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A platform under load whose surroundings can be broken: the broker is a process of its own,
/// Redis and the model stand behind relays, the clock can be set. Each fault is brought about at a
/// random moment of the load, and each is followed by the same question: was anything lost, or
/// applied twice?
final class FaultRig implements BeforeAllCallback, AfterAllCallback {
  static final Duration LEASE = Duration.ofSeconds(3);
  static final Duration MODEL_TIMEOUT = Duration.ofSeconds(2);

  /// Longest that anything may take to be as before.
  static final Duration RECOVERED_WITHIN = Duration.ofSeconds(60);

  /// Whether there is time for what takes long.
  static final boolean SOAK = Boolean.getBoolean("nexus.soak");
  private static final int ROUNDS = SOAK ? 5 : 1;
  private static final Profile SPREAD = new Profile(4, 2, 2, 1, 1);
  private static final List<String> COMPONENTS = List.of("echo", "ask", "echo");

  private final long seed = Long.getLong("nexus.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Deliveries deliveries = new Deliveries(seed);
  private final SteppedClock clock = new SteppedClock();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private int loads;
  private @Nullable Parts parts;

  /// What was started.
  private record Parts(
      Path directory,
      BrokerProcess broker,
      EmbeddedRedis redis,
      TcpRelay redisRoad,
      ScriptedModel model,
      TcpRelay modelRoad,
      Map<String, String> settings,
      Platform platform,
      String key,
      FaultReport report) {}

  /// What goes wrong; returns when it is over.
  interface Fault {
    void happen() throws Exception;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    System.out.println(
        "faults: seed " + seed + " (repeat with -Dnexus.seed=" + seed + "), " + ROUNDS + " rounds");
    Path directory = Files.createTempDirectory("nexus-faults");
    BrokerProcess broker = BrokerProcess.start(directory.resolve("kafka"));
    var clients = new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "");
    new TopicTable(clients, SPREAD, false).create();
    EmbeddedRedis redis = EmbeddedRedis.start(directory.resolve("redis"));
    TcpRelay redisRoad = TcpRelay.to(redis.port());
    ScriptedModel model = model();
    TcpRelay modelRoad = TcpRelay.to(model.baseUrl().getPort());
    Map<String, String> settings = new HashMap<>();
    settings.put("NEXUS_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers());
    settings.put(
        "NEXUS_REDIS_URL", redis.url().replace(":" + redis.port(), ":" + redisRoad.port()));
    settings.put("NEXUS_LLM_BASE_URL", "http://127.0.0.1:" + modelRoad.port() + "/v1");
    settings.put("NEXUS_LLM_MODEL", ScriptedModel.NAME);
    settings.put("NEXUS_MODEL_TIMEOUT", MODEL_TIMEOUT.toSeconds() + "s");
    settings.put("NEXUS_LEASE", LEASE.toSeconds() + "s");
    settings.put("NEXUS_PAYLOAD_DIR", directory.resolve("payloads").toString());
    settings.put("NEXUS_HTTP_PORT", "0");
    settings.put("NEXUS_GRPC_PORT", "0");
    Path data = Files.createDirectories(directory.resolve("data"));
    Deliveries.provideSecrets(data);
    Map<String, String> own = new HashMap<>(settings);
    own.put("NEXUS_DATA_DIR", data.toString());
    Platform platform = Platform.start(Settings.of(own), Progress.silent(), clock);
    String key = OperatorKey.read(data).orElseThrow();
    parts =
        new Parts(
            directory,
            broker,
            redis,
            redisRoad,
            model,
            modelRoad,
            settings,
            platform,
            key,
            new FaultReport(context.getRequiredTestClass().getSimpleName()));
  }

  private ScriptedModel model() {
    return ScriptedModel.builder()
        .behaviour(Behaviour.DEFAULT.withSeed(seed).withMedianLatency(Duration.ofMillis(60)))
        .script(new SynthesisScript())
        .script(new TriageScript(TriageCorpus.load()))
        .script(FaultRig::givingBack)
        .start();
  }

  private static Optional<ScriptedAnswer> givingBack(List<JsonNode> found) {
    return found.stream()
        .filter(input -> input.path("n").isInt())
        .findFirst()
        .map(input -> ScriptedAnswer.always(input, input));
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    http.close();
    Parts ending = parts();
    ending.platform().close();
    ending.redisRoad().close();
    ending.modelRoad().close();
    ending.model().close();
    ending.redis().close();
    ending.broker().close();
    ChildPlatform.deleteTree(ending.directory());
  }

  private Parts parts() {
    if (parts == null) {
      throw new IllegalStateException("the test class has not begun");
    }
    return parts;
  }

  private FaultReport report() {
    return parts().report();
  }

  Platform platform() {
    return parts().platform();
  }

  BrokerProcess broker() {
    return parts().broker();
  }

  EmbeddedRedis redis() {
    return parts().redis();
  }

  TcpRelay redisRoad() {
    return parts().redisRoad();
  }

  TcpRelay modelRoad() {
    return parts().modelRoad();
  }

  SteppedClock clock() {
    return clock;
  }

  Random random() {
    return random;
  }

  KafkaClients clients() {
    return new KafkaClients(platform().settings());
  }

  /// Another platform on the same broker and Redis, in a process of its own.
  ChildPlatform secondPlatform() throws IOException, InterruptedException {
    Path data = parts().directory().resolve("second");
    if (Files.notExists(data)) {
      Deliveries.provideSecrets(Files.createDirectories(data));
    }
    return ChildPlatform.start(data, parts().settings());
  }

  /// A time of the run's choosing.
  void pause(Duration least, Duration most) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(random.nextLong(least.toMillis(), most.toMillis() + 1));
  }

  /// Has calls made, lets the fault happen amid them, and looks at everything afterwards.
  void through(String name, Fault fault) throws Exception {
    for (int round = 1; round <= ROUNDS; round++) {
      loads++;
      Callers callers = new Callers(6, "load-" + loads + "-", COMPONENTS, deliveries);
      callers.callOn(platform().addresses(), parts().key(), loads == 1);
      awaitAnswers(callers, 40);
      pause(Duration.ZERO, Duration.ofMillis(500));
      Instant from = Instant.now();
      fault.happen();
      Duration lasted = Duration.between(from, Instant.now());
      Recovery recovery = awaitRecovery();
      awaitAnswers(callers, callers.answered().size() + 40);
      callers.finish();
      assertThat(callers.unexpected()).isEmpty();
      assertThat(callers.answered()).hasSize(callers.begun());
      LogCheck log = new LogCheck(platform());
      log.assertNothingLostOrTwice(callers.answered(), _ -> true);
      report()
          .add(
              name,
              lasted,
              "answers after "
                  + FaultReport.seconds(recovery.answered())
                  + ", visible after "
                  + FaultReport.seconds(recovery.visible())
                  + ", prompts after "
                  + FaultReport.seconds(recovery.prompted())
                  + "; "
                  + callers.begun()
                  + " calls, put off "
                  + callers.refused(),
              seed);
    }
  }

  private static void awaitAnswers(Callers callers, int count) {
    Eventually.value(
        RECOVERED_WITHIN, callers::answered, a -> a.size() >= count, count + " answers");
  }

  /// How long after the fault a call was answered, what it did was visible, and a prompt answered.
  private record Recovery(Duration answered, Duration visible, Duration prompted) {}

  private Recovery awaitRecovery() {
    long from = System.nanoTime();
    String answer =
        Eventually.value(
                RECOVERED_WITHIN,
                () -> call("echo"),
                r -> r.statusCode() == 200,
                "a call is answered")
            .body();
    long answered = System.nanoTime();
    JsonNode body = CanonicalJson.read(answer);
    String path =
        "/v1/executions/"
            + body.path("executionId").asText()
            + "?after="
            + body.path("token").asText();
    awaitGet(path, r -> r.statusCode() == 200);
    long visible = System.nanoTime();
    Eventually.value(
        RECOVERED_WITHIN, () -> call("ask"), r -> r.statusCode() == 200, "a prompt is answered");
    return new Recovery(
        Duration.ofNanos(answered - from),
        Duration.ofNanos(visible - from),
        Duration.ofNanos(System.nanoTime() - from));
  }

  /// One call of a component.
  HttpResponse<String> call(String component) throws InterruptedException, IOException {
    return http.send(
        request("/v1/apps/kill/components/" + component + "/invoke?wait=5s")
            .POST(BodyPublishers.ofString("{\"n\":" + random.nextInt(1_000_000) + "}"))
            .build(),
        BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws InterruptedException, IOException {
    return http.send(request(path).GET().build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(platform().addresses().http() + path))
        .timeout(Duration.ofSeconds(30))
        .header("Authorization", "Bearer " + parts().key())
        .header("Content-Type", "application/json");
  }

  /// Asks until the answer is accepted.
  HttpResponse<String> awaitGet(String path, Predicate<HttpResponse<String>> accepted) {
    return Eventually.value(RECOVERED_WITHIN, () -> get(path), accepted, "GET " + path);
  }
}
