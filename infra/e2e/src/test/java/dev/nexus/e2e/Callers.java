package dev.nexus.e2e;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.standalone.run.ChildPlatform;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Callers as good clients are: each repeats a call with its idempotency key until it has the
/// answer, however often the platform goes away meanwhile. Every fourth call is a webhook for a
/// prompt, repeated until it is accepted.
final class Callers {
  private static final int DELIVERS_EVERY = 4;

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
      """;

  private final AtomicInteger calls = new AtomicInteger();
  private final Set<String> answered = ConcurrentHashMap.newKeySet();
  private final List<String> unexpected = new CopyOnWriteArrayList<>();
  private final AtomicBoolean finishing = new AtomicBoolean();
  private final Deliveries deliveries;
  private final List<Thread> threads;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private volatile Target target = new Target("", "");

  Callers(int count, Deliveries deliveries) {
    this.deliveries = deliveries;
    threads =
        java.util.stream.IntStream.range(0, count)
            .mapToObj(i -> Thread.ofPlatform().daemon().start(this::callUntilFinished))
            .toList();
  }

  /// Goes on with this platform; publishes the applications when it is the first.
  void callOn(ChildPlatform platform, boolean first) throws IOException, InterruptedException {
    Target next = new Target(platform.run().addresses().http(), platform.operatorKey());
    if (first) {
      publish(next, "kill", Map.of("app_definition.yaml", ECHO));
      publish(next, Deliveries.APP_ID, Deliveries.application());
    }
    deliveries.deliverTo(platform.run().addresses());
    target = next;
  }

  /// Executions that were answered, and those that accepted deliveries ask for.
  Set<String> answered() {
    return Set.copyOf(answered);
  }

  int begun() {
    return calls.get();
  }

  /// Answers that should not be.
  List<String> unexpected() {
    return unexpected;
  }

  /// Begins no new calls and waits for the answers of those begun.
  void finish() throws InterruptedException {
    finishing.set(true);
    for (Thread thread : threads) {
      if (!thread.join(Duration.ofSeconds(60))) {
        unexpected.add("a caller has no answer after 60 s");
      }
    }
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
          } else {
            call(number);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void call(int number) throws InterruptedException {
    for (int attempt = 0; attempt < 2_000; attempt++) {
      try {
        Target now = target;
        HttpRequest request =
            HttpRequest.newBuilder(
                    URI.create(now.url() + "/v1/apps/kill/components/echo/invoke?wait=5s"))
                .timeout(Duration.ofSeconds(8))
                .header("Authorization", "Bearer " + now.key())
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "call-" + number)
                .POST(BodyPublishers.ofString("{\"n\":" + number + "}"))
                .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        if (response.statusCode() == 200) {
          var body = CanonicalJson.read(response.body());
          if (body.path("output").path("n").asInt() != number) {
            unexpected.add("call " + number + " got " + response.body());
          }
          answered.add(body.path("executionId").asText());
          return;
        }
        if (response.statusCode() != 202 && response.statusCode() != 503) {
          unexpected.add(response.statusCode() + " " + response.body());
          return;
        }
      } catch (IOException e) {
        // The platform is gone or not back yet: the same call again.
        TimeUnit.MILLISECONDS.sleep(30);
      }
    }
    unexpected.add("call " + number + " was never answered");
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
