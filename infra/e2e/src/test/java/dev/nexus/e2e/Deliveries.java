package dev.nexus.e2e;

import dev.nexus.command.access.WebhookSignature;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.ApiClients;
import dev.nexus.scriptedmodel.triage.Delivery;
import dev.nexus.scriptedmodel.triage.DeliverySequence;
import dev.nexus.scriptedmodel.triage.Hook;
import dev.nexus.scriptedmodel.triage.TriageCorpus;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.testkit.DocumentedClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;

/// Webhooks of the sample, signed as GitHub signs them, each delivered again with the same id until
/// it is accepted; two of three are followed by an event with the right answer. And events of lines
/// (`orderBy`), written to the log until it has them.
final class Deliveries implements AutoCloseable {
  static final String APP_ID = "webhook-triage";

  /// Events of one line that are written one after the other.
  static final int ORDERED_AT_ONCE = 3;

  /// Few, so that most events wait for another one.
  private static final int LINES = 2;

  private static final Path SAMPLE = Path.of("../samples/webhook-triage/state");
  private static final String SECRET = "known to both";

  /// So that a promotion is under way within seconds.
  private static final Map<String, String> HASTE =
      Map.of(
          "target: 0.95", "target: 0.8",
          "openExamples: 30", "openExamples: 10",
          "hotDistinctInputs: 109", "hotDistinctInputs: 30",
          "minShadowComparisons: 30", "minShadowComparisons: 5",
          "canaryCalls: 40", "canaryCalls: 5");

  /// Where the platform is, now.
  private record Target(String url, KafkaProducer<String, String> ingress) {}

  private final DocumentedClient http = ApiClients.client();
  private final DeliverySequence sequence;
  private final String run;
  private final AtomicInteger turns = new AtomicInteger();
  private final Set<String> corrected = ConcurrentHashMap.newKeySet();
  private final Map<String, String> connection;
  private volatile Optional<Target> target = Optional.empty();

  Deliveries(long seed) {
    this(seed, Map.of());
  }

  /// @param connection how its producer connects to brokers that ask for a user
  Deliveries(long seed, Map<String, String> connection) {
    this.connection = Map.copyOf(connection);
    sequence = new DeliverySequence(TriageCorpus.load(), seed, "kill");
    run = "turn-" + seed + "-";
  }

  /// Puts the secret where the definition's references point.
  static void provideSecrets(Path data) throws IOException {
    for (String name : secrets().keySet()) {
      provideSecret(data, name);
    }
  }

  /// The same, of a reference by that name.
  static void provideSecret(Path data, String name) throws IOException {
    Path secrets = Files.createDirectories(data.resolve("secrets"));
    Files.writeString(secrets.resolve(name), SECRET);
  }

  /// What the definition's references name.
  static Map<String, String> secrets() {
    return Arrays.stream(Hook.values())
        .collect(Collectors.toMap(hook -> "github-" + hook.integrationId(), _ -> SECRET));
  }

  /// The sample, by path.
  static Map<String, String> application() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(SAMPLE)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        files.put(SAMPLE.relativize(file).toString(), Files.readString(file));
      }
    }
    for (var change : HASTE.entrySet()) {
      String before = files.getOrDefault("app_definition.yaml", "");
      if (!before.contains(change.getKey())) {
        throw new IOException("the sample has no " + change.getKey());
      }
      files.put("app_definition.yaml", before.replace(change.getKey(), change.getValue()));
    }
    return files;
  }

  /// Goes on with the platform at these addresses.
  void deliverTo(Addresses addresses) {
    Optional<Target> before = target;
    Map<String, Object> config = new HashMap<>(connection);
    config.put("bootstrap.servers", addresses.kafka());
    config.put("max.block.ms", 5_000);
    config.put("request.timeout.ms", 3_000);
    config.put("delivery.timeout.ms", 5_000);
    target =
        Optional.of(
            new Target(
                addresses.http(),
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())));
    before.ifPresent(gone -> gone.ingress().close(Duration.ZERO));
  }

  /// Delivers the next webhook; the execution it asks for, or empty when nobody takes it.
  Optional<String> deliver() throws InterruptedException {
    Delivery delivery;
    synchronized (sequence) {
      delivery = sequence.next();
    }
    if (!repeatedly(to -> accepted(to, delivery))) {
      return Optional.empty();
    }
    String execution =
        ExecutionId.ofSource(
                TenantId.DEFAULT, APP_ID, "triage", delivery.hook().source(), delivery.id())
            .toString();
    if (delivery.number() % 3 != 0) {
      if (!repeatedly(to -> corrected(to, delivery))) {
        return Optional.empty();
      }
      corrected.add(execution);
    }
    return Optional.of(execution);
  }

  /// Executions whose right answer the log has, as an event.
  Set<String> corrected() {
    return Set.copyOf(corrected);
  }

  /// Writes the next events of a line; the executions that those ask for that the log has.
  Set<String> order() throws InterruptedException {
    return order(Outside.ORDERED, "echo");
  }

  /// The same, of a line of prompts.
  Set<String> orderPrompts() throws InterruptedException {
    return order(Outside.ASKED, "ask");
  }

  private Set<String> order(String type, String component) throws InterruptedException {
    Set<String> executions = new HashSet<>();
    int turn = turns.incrementAndGet();
    for (int i = 0; i < ORDERED_AT_ONCE; i++) {
      String id = run + turn + "-" + i;
      if (!repeatedly(to -> ordered(to, type, turn % LINES, id))) {
        return executions;
      }
      executions.add(Outside.execution(component, id));
    }
    return executions;
  }

  private interface Attempt {
    boolean succeeds(Target to)
        throws IOException, InterruptedException, ExecutionException, TimeoutException;
  }

  /// The platform may be gone or not back yet.
  private boolean repeatedly(Attempt attempt) throws InterruptedException {
    long deadline = System.nanoTime() + Callers.PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        if (target.isPresent() && attempt.succeeds(target.get())) {
          return true;
        }
      } catch (IOException
          | ExecutionException
          | TimeoutException
          | KafkaException
          | IllegalStateException e) {
        TimeUnit.MILLISECONDS.sleep(30);
      }
    }
    return false;
  }

  private boolean accepted(Target to, Delivery delivery) throws IOException, InterruptedException {
    String body = CanonicalJson.write(delivery.webhook().payload());
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(to.url() + "/v1/hooks/" + delivery.hook().integrationId()))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .header("X-GitHub-Event", delivery.webhook().event())
            .header("X-GitHub-Delivery", delivery.id())
            .header("X-Hub-Signature-256", signature(body))
            .POST(BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
    if (response.statusCode() != 202) {
      throw new IOException(response.statusCode() + " " + response.body());
    }
    return true;
  }

  /// Producers may give records any time, such as that of what they copy.
  private static long anyTime(Delivery delivery) {
    return switch (delivery.number() % 5) {
      case 1 -> 0;
      case 2 -> System.currentTimeMillis() + Duration.ofDays(3_650).toMillis();
      default -> System.currentTimeMillis();
    };
  }

  private static boolean corrected(Target to, Delivery delivery)
      throws InterruptedException, ExecutionException, TimeoutException {
    String source = delivery.hook().source();
    return written(
        to,
        new ProducerRecord<>(
            "nexus.ingress",
            null,
            anyTime(delivery),
            source + "/" + delivery.id(),
            CanonicalJson.write(delivery.truthData(source))),
        Map.of(
            "ce_id",
            "truth-" + delivery.id(),
            "ce_source",
            source,
            "ce_type",
            Delivery.TRUTH_TYPE));
  }

  /// One key, as a producer gives it to what must not be overtaken.
  private static boolean ordered(Target to, String type, int line, String id)
      throws InterruptedException, ExecutionException, TimeoutException {
    return written(
        to,
        new ProducerRecord<>(
            "nexus.ingress",
            Outside.SOURCE + "/" + line,
            "{\"n\": " + line + ", \"line\": " + line + ", \"id\": \"" + id + "\"}"),
        Map.of("ce_id", id, "ce_source", Outside.SOURCE, "ce_type", type));
  }

  private static boolean written(
      Target to, ProducerRecord<String, String> record, Map<String, String> attributes)
      throws InterruptedException, ExecutionException, TimeoutException {
    attributes.forEach((name, value) -> record.headers().add(name, bytes(value)));
    record.headers().add("ce_specversion", bytes("1.0"));
    record.headers().add("content-type", bytes("application/json"));
    to.ingress().send(record).get(12, TimeUnit.SECONDS);
    return true;
  }

  /// As of a delivery with that body, by who knows the secret.
  static String signature(String body) {
    return WebhookSignature.sign(SECRET, bytes(body));
  }

  /// Ends what writes events, also what is under way.
  @Override
  public void close() {
    target.ifPresent(last -> last.ingress().close(Duration.ZERO));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
