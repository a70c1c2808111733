package dev.nexus.e2e;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.ApiClients;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.testkit.DocumentedClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Callers as good clients are: each repeats a call with its idempotency key until it has the
/// answer, however often the platform goes away or refuses it for now. Every fourth call is a
/// webhook for a prompt, repeated until it is accepted; in place of some come events of a line
/// (`orderBy`). Some of the calls have more than an event carries, and get it back.
final class Callers implements AutoCloseable {
  private static final int DELIVERS_EVERY = 4;

  /// Each so many calls events of a line in place of one, but few a platform: each waits for those
  /// before it.
  private static final int ORDERS_EVERY = 16;

  private static final int ORDERS_MOST = 12;

  /// Each so many calls one with a large content, but few a platform: they stay on its disk.
  private static final int LARGE_EVERY = 10;

  private static final int LARGE_MOST = 20;

  /// Above the 262,144 bytes from which an input stands beside the log.
  private static final int LARGE = 300_000;

  /// With a platform that is gone and starts again, on a machine that may be slow.
  static final Duration PATIENCE = Duration.ofMinutes(5);

  private record Target(String url, String key) {}

  private static final String ECHO =
      """
      appId: kill
      displayName: Killed now and then
      version: '1'
      initialComponentRegistry:
        components:
          - componentId: echo
            handlerType: BUILTIN
            taskDetails:
              function: echo
          - componentId: ask
            handlerType: LLM
            timeout: 4m
            retry:
              maxAttempts: 50
              maxBackoff: 2s
            outputSchema: {type: object, required: [n]}
            taskDetails:
              template: 'Give back {{ input | tojson }}'
      integrations:
        - {integrationId: kill-outside, source: "%s"}
      triggers:
        - triggerId: in-turn
          eventType: %s
          orderBy: event.data.line
          component: echo
        - triggerId: asked-in-turn
          eventType: %s
          orderBy: event.data.line
          component: ask
        - {triggerId: at-once, eventType: %s, component: echo}
      """
          .formatted(Outside.SOURCE, Outside.ORDERED, Outside.ASKED, Outside.UNORDERED);

  /// A platform is away, or has no room: the same call again.
  private static final Set<Integer> NOT_NOW = Set.of(202, 429, 503, 507);

  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger orders = new AtomicInteger();
  private final AtomicInteger moreEvents = new AtomicInteger();
  private final AtomicInteger large = new AtomicInteger();
  private final Set<String> answered = ConcurrentHashMap.newKeySet();
  private final List<String> unexpected = new CopyOnWriteArrayList<>();
  private final Map<Integer, Integer> refused = new ConcurrentHashMap<>();
  private final AtomicBoolean finishing = new AtomicBoolean();
  private final String keys;
  private final List<String> components;
  private final Deliveries deliveries;
  private final List<Thread> threads;
  private final DocumentedClient client = ApiClients.client();
  private volatile Target target = new Target("", "");

  /// @param keys what the idempotency keys of these callers begin with
  /// @param components of the application `kill` that are called in turn: `echo`, a builtin, and
  ///     `ask`, a prompt; both give back their input
  Callers(int count, String keys, List<String> components, Deliveries deliveries) {
    this.keys = keys;
    this.components = List.copyOf(components);
    this.deliveries = deliveries;
    threads =
        java.util.stream.IntStream.range(0, count)
            .mapToObj(i -> Thread.ofPlatform().daemon().start(this::callUntilFinished))
            .toList();
  }

  /// Goes on with this platform; publishes the applications when it is the first.
  void callOn(ChildPlatform platform, boolean first) throws IOException, InterruptedException {
    callOn(platform.run().addresses(), platform.operatorKey(), first);
  }

  /// The same for a platform that may be in this process.
  void callOn(Addresses addresses, String key, boolean first)
      throws IOException, InterruptedException {
    Target next = new Target(addresses.http(), key);
    if (first) {
      publish(next, "kill", Map.of("app_definition.yaml", ECHO));
      publish(next, Deliveries.APP_ID, Deliveries.application());
    }
    deliveries.deliverTo(addresses);
    large.set(0);
    orders.set(0);
    target = next;
  }

  /// Executions that were answered, and those that accepted deliveries and events ask for.
  Set<String> answered() {
    return Set.copyOf(answered);
  }

  /// Executions of which the log has the right answer too, as an event.
  Set<String> corrected() {
    return deliveries.corrected();
  }

  /// Calls, deliveries and events of lines.
  int begun() {
    return calls.get() + moreEvents.get();
  }

  /// Answers that should not be.
  List<String> unexpected() {
    return unexpected;
  }

  /// How often a call was put off, by status.
  Map<Integer, Integer> refused() {
    return new TreeMap<>(refused);
  }

  /// Begins no new calls and waits for the answers of those begun.
  void finish() throws InterruptedException {
    finishing.set(true);
    for (Thread thread : threads) {
      if (!thread.join(PATIENCE)) {
        unexpected.add("a caller has no answer after " + PATIENCE);
      }
    }
  }

  /// Ends those that have not finished, without their answers.
  @Override
  public void close() {
    finishing.set(true);
    threads.forEach(Thread::interrupt);
  }

  private void callUntilFinished() {
    try {
      while (!finishing.get()) {
        if (target.url().isEmpty()) {
          TimeUnit.MILLISECONDS.sleep(20);
        } else {
          int number = calls.incrementAndGet();
          if (number % DELIVERS_EVERY == 0) {
            deliveries.deliver().ifPresentOrElse(answered::add, () -> undelivered(number));
          } else if (number % ORDERS_EVERY == DELIVERS_EVERY / 2
              && orders.getAndIncrement() < ORDERS_MOST) {
            order(number);
          } else {
            call(number);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (AssertionError undocumented) {
      unexpected.add(undocumented.getMessage());
    }
  }

  /// Several at once, so that some of them wait.
  private void order(int number) throws InterruptedException {
    Set<String> ordered = deliveries.order();
    answered.addAll(ordered);
    moreEvents.addAndGet(ordered.size() - 1);
    if (ordered.size() < Deliveries.ORDERED_AT_ONCE) {
      undelivered(number);
    }
  }

  /// What a call carries beside its number: nothing, or what is large.
  private String text(int number) {
    return number % LARGE_EVERY == LARGE_EVERY / 2 && large.getAndIncrement() < LARGE_MOST
        ? "x".repeat(LARGE)
        : "";
  }

  private static String input(int number, String text) {
    return text.isEmpty()
        ? "{\"n\":" + number + "}"
        : "{\"n\":" + number + ",\"text\":\"" + text + "\"}";
  }

  private void call(int number) throws InterruptedException {
    String text = text(number);
    // Large ones go to the builtin: a prompt would have the model read them.
    String component = text.isEmpty() ? components.get(number % components.size()) : "echo";
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        Target now = target;
        HttpRequest request =
            HttpRequest.newBuilder(
                    URI.create(
                        now.url() + "/v1/apps/kill/components/" + component + "/invoke?wait=5s"))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + now.key())
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", keys + number)
                .POST(BodyPublishers.ofString(input(number, text)))
                .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        if (response.statusCode() == 200) {
          var body = CanonicalJson.read(response.body());
          var output = body.path("output");
          if (output.path("n").asInt() != number || !output.path("text").asText().equals(text)) {
            unexpected.add("call " + number + " got " + shortened(response.body()));
          }
          answered.add(body.path("executionId").asText());
          return;
        }
        if (!NOT_NOW.contains(response.statusCode())) {
          unexpected.add(response.statusCode() + " " + shortened(response.body()));
          return;
        }
        refused.merge(response.statusCode(), 1, Integer::sum);
        if (response.statusCode() != 202) {
          TimeUnit.MILLISECONDS.sleep(50);
        }
      } catch (IOException e) {
        // The platform is gone or not back yet: the same call again.
        TimeUnit.MILLISECONDS.sleep(30);
      }
    }
    unexpected.add("call " + number + " was never answered");
  }

  private static String shortened(String body) {
    return body.length() <= 1_000 ? body : body.substring(0, 1_000) + "… of " + body.length();
  }

  private void undelivered(int number) {
    unexpected.add("call " + number + ", a delivery, was never accepted");
  }

  private void publish(Target to, String appId, Map<String, String> files)
      throws IOException, InterruptedException {
    var body = JsonNodeFactory.instance.objectNode();
    files.forEach(body.putObject("files")::put);
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create(to.url() + "/v1/apps/" + appId + "/apply"))
                .header("Authorization", "Bearer " + to.key())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build(),
            BodyHandlers.ofString());
    if (response.statusCode() / 100 != 2) {
      throw new IOException("refused: " + response.body());
    }
  }
}
