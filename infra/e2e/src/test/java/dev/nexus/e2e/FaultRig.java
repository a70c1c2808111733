package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.topology.Router;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.MemberName;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.rig.ApiClients;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedAnswer;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.scriptedmodel.triage.SynthesisScript;
import dev.nexus.scriptedmodel.triage.TriageCorpus;
import dev.nexus.scriptedmodel.triage.TriageScript;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import dev.nexus.testkit.Scale;
import dev.nexus.testkit.Seeds;
import dev.nexus.testkit.TcpRelay;
import dev.nexus.topic.Profile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
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
  static final Duration RECOVERED_WITHIN = Duration.ofMinutes(2);

  private static final int ROUNDS = Scale.of(1);

  /// Answers of a load before its fault, and after: each caller has had some.
  private static final int ANSWERS = Seeds.SOAK ? 120 : 20;

  static final Profile SPREAD = new Profile(4, 2, 2, 1, 1);
  private static final List<String> COMPONENTS = List.of("echo", "ask", "echo");

  private final Installation.Start start;
  private final int callersAtOnce;
  private final Map<String, String> more;
  private final List<Long> seeds = Seeds.ofRun();
  private final Map<Long, Deliveries> deliveries = new HashMap<>();
  private final Set<String> alsoAccepted = new HashSet<>();
  private Random random = new Random(seeds.getFirst());
  private final SteppedClock clock = new SteppedClock();
  private final DocumentedClient http = ApiClients.client();
  private int loads;
  private Optional<Callers> calling = Optional.empty();
  private Optional<PublishedEvents> publishing = Optional.empty();
  private Optional<ScriptedModel> model = Optional.empty();
  private long seed = seeds.getFirst();
  private @Nullable Parts parts;

  private FaultRig(Installation.Start start, int callersAtOnce, Map<String, String> more) {
    this.start = start;
    this.callersAtOnce = callersAtOnce;
    this.more = Map.copyOf(more);
  }

  /// All services in this process.
  static FaultRig together() {
    return together(Map.of());
  }

  /// The same, with `more` settings beside those of every rig.
  static FaultRig together(Map<String, String> more) {
    return new FaultRig(Installation::together, Scale.of(6), more);
  }

  /// Each service in a process of its own; with fewer callers, so that one can start beside them.
  static FaultRig apart(Installation.Start start) {
    return new FaultRig(start, Scale.of(2), Map.of());
  }

  /// What was started.
  private record Parts(
      Path directory,
      BrokerProcess broker,
      EmbeddedRedis redis,
      TcpRelay redisRoad,
      TcpRelay modelRoad,
      Map<String, String> settings,
      Installation installation,
      String key,
      LogCheck log,
      FaultReport report) {}

  /// What goes wrong; returns when it is over.
  interface Fault {
    void happen() throws Exception;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    String name = context.getRequiredTestClass().getSimpleName();
    seeds.forEach(seed -> Seeds.print(name, seed));
    Path directory = Files.createTempDirectory("nexus-faults");
    BrokerProcess broker = BrokerProcess.start(directory.resolve("kafka"));
    var clients = new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "");
    new TopicTable(clients, SPREAD, false).create();
    EmbeddedRedis redis = EmbeddedRedis.start(directory.resolve("redis"));
    TcpRelay redisRoad = TcpRelay.to(redis.port());
    TcpRelay modelRoad = TcpRelay.to(newModel().baseUrl().getPort());
    Map<String, String> settings = new HashMap<>(more);
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
    Installation installation = start.on(Settings.of(own), data, clock);
    parts =
        new Parts(
            directory,
            broker,
            redis,
            redisRoad,
            modelRoad,
            settings,
            installation,
            installation.key(),
            new LogCheck(installation),
            new FaultReport(name));
    new Callers(0, "", COMPONENTS, deliveries())
        .callOn(installation.addresses(), installation.key(), true);
  }

  /// A model that does as the seed says, in the place of the one before.
  private ScriptedModel newModel() {
    model.ifPresent(ScriptedModel::close);
    ScriptedModel started =
        ScriptedModel.builder()
            .behaviour(Behaviour.DEFAULT.withSeed(seed).withMedianLatency(Duration.ofMillis(60)))
            .script(new SynthesisScript())
            .script(new TriageScript(TriageCorpus.load()))
            .script(FaultRig::givingBack)
            .start();
    model = Optional.of(started);
    return started;
  }

  /// Those of this seed.
  Deliveries deliveries() {
    return deliveries.computeIfAbsent(seed, Deliveries::new);
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
    Parts ending = parts;
    if (ending == null) {
      model.ifPresent(ScriptedModel::close);
      return; // it did not come to begin
    }
    ending.log().close();
    ending.installation().close();
    ending.redisRoad().close();
    ending.modelRoad().close();
    model.ifPresent(ScriptedModel::close);
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

  private Installation installation() {
    return parts().installation();
  }

  /// The processes of an installation whose services are apart.
  ServicesApart services() {
    return (ServicesApart) installation();
  }

  /// What facts call the one process of an installation that has all services in it.
  String instance() {
    return ((Installation.Together) installation()).instance();
  }

  /// Base URL of the read side.
  String reads() {
    return installation().reads();
  }

  /// Base URL of the write side.
  String writes() {
    return installation().addresses().http();
  }

  /// Of an operator.
  String key() {
    return parts().key();
  }

  BrokerProcess broker() {
    return parts().broker();
  }

  EmbeddedRedis redis() {
    return parts().redis();
  }

  /// Has Redis save what it holds and end; it is started again at the same address, with that.
  void restartRedis() throws IOException {
    Path home = parts().directory().resolve("redis");
    assertThat(EmbeddedRedis.endSurvivor(home)).as("a Redis that ran").isTrue();
    Eventually.value(RECOVERED_WITHIN, redis()::healthy, healthy -> healthy, "Redis again");
    // One that is killed later comes back with nothing.
    Files.delete(home.resolve("dump.rdb"));
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
    return new KafkaClients(installation().settings());
  }

  /// Another platform on the same broker and Redis, in a process of its own. It waits for a model
  /// that says nothing, so that what it has begun by then ends no sooner than the model says so.
  ChildPlatform secondPlatform() throws IOException, InterruptedException {
    Path data = secondDirectory();
    if (Files.notExists(data)) {
      Deliveries.provideSecrets(Files.createDirectories(data));
    }
    Map<String, String> settings = new HashMap<>(parts().settings());
    settings.put("NEXUS_MODEL_TIMEOUT", RECOVERED_WITHIN.toSeconds() + "s");
    return ChildPlatform.start(data, settings);
  }

  /// Under which name the other platform decides for its part of the executions.
  String secondRouter() {
    return MemberName.of(secondDirectory().resolve(Router.GROUP), Router.GROUP);
  }

  private Path secondDirectory() {
    return parts().directory().resolve("second");
  }

  /// A time of the run's choosing.
  void pause(Duration least, Duration most) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(random.nextLong(least.toMillis(), most.toMillis() + 1));
  }

  /// Executions that were asked for beside what the callers of this load ask for.
  void alsoAccepted(Set<String> executions) {
    alsoAccepted.addAll(executions);
  }

  /// Has calls made, lets the fault happen amid them, and looks at everything afterwards; again
  /// with each seed, from which all that is random about it follows.
  void through(String name, Fault fault) throws Exception {
    through(name, () -> {}, fault);
  }

  /// The same.
  ///
  /// @param before brings about what is to fail, before the load of each round
  void through(String name, Fault before, Fault fault) throws Exception {
    for (long next : seeds) {
      if (next != seed) {
        seed = next;
        modelRoad().leadTo(newModel().baseUrl().getPort());
      }
      random = new Random(seed ^ name.hashCode());
      deliveries().deliverTo(installation().addresses());
      for (int round = 1; round <= ROUNDS; round++) {
        before.happen();
        throughOnce(name, fault);
      }
    }
  }

  /// The same for what happens once in the life of a log: with the first seed, in one round.
  void throughOnce(String name, Fault fault) throws Exception {
    loads++;
    Callers callers = new Callers(callersAtOnce, "load-" + loads + "-", COMPONENTS, deliveries());
    calling = Optional.of(callers);
    callers.callOn(installation().addresses(), key(), false);
    awaitMoreAnswers();
    pause(Duration.ZERO, Duration.ofMillis(500));
    Instant from = Instant.now();
    fault.happen();
    Duration lasted = Duration.between(from, Instant.now());
    Recovery recovery = awaitRecovery();
    awaitMoreAnswers();
    Set<String> accepted = published();
    callers.finish();
    assertThat(callers.unexpected()).isEmpty();
    assertThat(callers.answered()).hasSize(callers.begun());
    accepted.addAll(callers.answered());
    accepted.addAll(alsoAccepted);
    deliveries.values().forEach(told -> parts().log().corrected(told.corrected()));
    parts().log().assertNothingLostOrTwice(accepted);
    report()
        .add(
            name,
            lasted,
            recovery + "; " + callers.begun() + " calls, put off " + callers.refused(),
            seed);
  }

  /// Has events published beside the calls until this load ends, by gRPC and in batches by HTTP.
  void publish() {
    var events = new PublishedEvents(installation().addresses(), key());
    publishing = Optional.of(events);
    events.awaitMore();
  }

  /// Waits for some more of these events, and ends them; the executions that they ask for.
  private Set<String> published() throws InterruptedException {
    if (publishing.isEmpty()) {
      return new HashSet<>();
    }
    try (PublishedEvents ending = publishing.get()) {
      publishing = Optional.empty();
      ending.awaitMore();
      return ending.finish();
    }
  }

  /// Waits for a part of the load.
  void awaitMoreAnswers() {
    Callers callers = calling.orElseThrow();
    int enough = callers.answered().size() + ANSWERS;
    Eventually.value(
        RECOVERED_WITHIN, callers::answered, a -> a.size() >= enough, enough + " answers");
  }

  /// Delivers one more webhook, beside the load; the execution it asks for.
  String deliver() throws InterruptedException {
    String execution = deliveries().deliver().orElseThrow();
    alsoAccepted.add(execution);
    return execution;
  }

  /// What the oracle wrote.
  OracleCheck oracle() {
    return parts().log().oracle();
  }

  /// How long after the fault a call was answered, what it did was visible, and a prompt answered.
  private record Recovery(Duration answered, Duration visible, Duration prompted) {
    @Override
    public String toString() {
      return "answers after "
          + FaultReport.seconds(answered)
          + ", visible after "
          + FaultReport.seconds(visible)
          + ", prompts after "
          + FaultReport.seconds(prompted);
    }
  }

  private Recovery awaitRecovery() {
    long from = System.nanoTime();
    String answer = callUntilAnswered("echo").body();
    long answered = System.nanoTime();
    JsonNode body = CanonicalJson.read(answer);
    String path =
        "/v1/executions/"
            + body.path("executionId").asText()
            + "?after="
            + body.path("token").asText();
    awaitGet(path, r -> r.statusCode() == 200);
    long visible = System.nanoTime();
    callUntilAnswered("ask");
    return new Recovery(
        Duration.ofNanos(answered - from),
        Duration.ofNanos(visible - from),
        Duration.ofNanos(System.nanoTime() - from));
  }

  /// One call of a component.
  HttpResponse<String> call(String component) throws InterruptedException, IOException {
    return call(component, "5s");
  }

  /// One call, whose answer is waited for as long as it takes.
  HttpResponse<String> callPatiently(String component) throws InterruptedException, IOException {
    return call(component, "30s");
  }

  /// One call, whose answer is waited for so long, such as `5s`.
  HttpResponse<String> call(String component, String wait)
      throws InterruptedException, IOException {
    return post(
        "/v1/apps/kill/components/" + component + "/invoke?wait=" + wait,
        "{\"n\":" + random.nextInt(1_000_000) + "}");
  }

  /// One call, with new ones in its place until one is answered.
  HttpResponse<String> callUntilAnswered(String component) {
    return Eventually.value(
        RECOVERED_WITHIN,
        () -> call(component),
        r -> r.statusCode() == 200,
        component + " answers");
  }

  HttpResponse<String> post(String path, String json) throws InterruptedException, IOException {
    return send(request(path).POST(BodyPublishers.ofString(json)));
  }

  HttpResponse<String> get(String path) throws InterruptedException, IOException {
    return send(request(installation().reads(), path).GET());
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws InterruptedException, IOException {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  /// A request of an operator, with JSON.
  HttpRequest.Builder request(String path) {
    return request(writes(), path);
  }

  private HttpRequest.Builder request(String url, String path) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .timeout(Duration.ofMinutes(2))
        .header("Authorization", "Bearer " + key())
        .header("Content-Type", "application/json");
  }

  /// Asks until the answer is accepted.
  HttpResponse<String> awaitGet(String path, Predicate<HttpResponse<String>> accepted) {
    return Eventually.value(RECOVERED_WITHIN, () -> get(path), accepted, "GET " + path);
  }
}
