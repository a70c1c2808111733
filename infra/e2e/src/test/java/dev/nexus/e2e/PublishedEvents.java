package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.grpc.v1.PublishAck;
import dev.nexus.rig.ApiClients;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.Eventually;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Two producers as good ones are: one has a stream of `Events/Publish` and sends again what was
/// not acknowledged, one posts batches to `/v1/events` and posts again what was not answered with
/// 202, however often the platform goes away or puts them off.
final class PublishedEvents implements AutoCloseable {
  /// Events that are sent before their answers are waited for.
  private static final int TOGETHER = 3;

  /// Between two such groups, so that a load has some tens of events.
  private static final Duration PACE = Duration.ofMillis(200);

  /// A platform is away, or has no room: the same batch again.
  private static final Set<Integer> NOT_NOW = Set.of(429, 503, 507);

  private final Addresses addresses;
  private final String key;
  private final String prefix = "published-" + System.nanoTime();
  private final DocumentedClient client = ApiClients.client();
  private final List<String> unexpected = new CopyOnWriteArrayList<>();
  private final List<Producer> producers;
  private volatile boolean finishing;

  PublishedEvents(Addresses addresses, String key) {
    this.addresses = addresses;
    this.key = key;
    this.producers =
        List.of(new Producer("stream", new StreamRoad()), new Producer("batch", this::post));
    producers.forEach(Producer::start);
  }

  /// How events get to the platform.
  private interface Road extends AutoCloseable {
    /// Sends events; the ids of those that were taken.
    Set<String> send(List<String> ids) throws IOException, InterruptedException;

    @Override
    default void close() {}
  }

  /// Sends events one group after the other, each until all of it was taken.
  private final class Producer {
    private final String name;
    private final Road road;
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    private final Thread thread;

    Producer(String name, Road road) {
      this.name = name;
      this.road = road;
      this.thread = Thread.ofPlatform().daemon().name("published-" + name).unstarted(this::run);
    }

    void start() {
      thread.start();
    }

    private void run() {
      try (road) {
        for (int first = 1; !finishing; first += TOGETHER) {
          publish(
              IntStream.range(first, first + TOGETHER)
                  .mapToObj(number -> prefix + "-" + name + "-" + number)
                  .toList());
          TimeUnit.MILLISECONDS.sleep(PACE.toMillis());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (AssertionError | RuntimeException e) {
        unexpected.add(name + ": " + e);
      }
    }

    private void publish(List<String> ids) throws InterruptedException {
      List<String> open = new ArrayList<>(ids);
      long deadline = System.nanoTime() + Callers.PATIENCE.toNanos();
      while (!open.isEmpty()) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(open + " were never taken");
        }
        try {
          Set<String> now = road.send(open);
          taken.addAll(now);
          open.removeAll(now);
        } catch (IOException e) {
          // Who answers is gone or not back yet.
        }
        if (!open.isEmpty()) {
          TimeUnit.MILLISECONDS.sleep(50);
        }
      }
    }
  }

  /// A stream of gRPC, and another one in its place when it has ended.
  private final class StreamRoad implements Road {
    private Optional<EventStream> open = Optional.empty();

    @Override
    public Set<String> send(List<String> ids) throws InterruptedException {
      if (open.isEmpty()) {
        open = Optional.of(new EventStream(addresses.grpc(), key));
      }
      EventStream stream = open.get();
      int before = stream.acks().size();
      ids.forEach(
          id -> stream.send(Outside.SOURCE, id, Outside.UNORDERED, "{\"id\": \"" + id + "\"}"));
      long deadline = System.nanoTime() + Callers.PATIENCE.toNanos();
      while (stream.acks().size() < before + ids.size()
          && !stream.hasEnded()
          && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      if (stream.acks().size() < before + ids.size()) {
        close();
      }
      Set<String> taken = new HashSet<>();
      List<PublishAck> acks = stream.acks();
      for (PublishAck ack : acks.subList(before, acks.size())) {
        if (!ack.hasError()) {
          taken.add(ack.getId());
        } else if (ack.getError().getRetryAfterMs() == 0) {
          throw new IllegalStateException("refused: " + ack);
        }
      }
      return taken;
    }

    @Override
    public void close() {
      open.ifPresent(EventStream::close);
      open = Optional.empty();
    }
  }

  private Set<String> post(List<String> ids) throws IOException, InterruptedException {
    String batch =
        ids.stream().map(PublishedEvents::structured).collect(Collectors.joining(",", "[", "]"));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(addresses.http() + "/v1/events"))
            .timeout(Duration.ofSeconds(20))
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/cloudevents-batch+json")
            .POST(BodyPublishers.ofString(batch))
            .build();
    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
    if (NOT_NOW.contains(answer.statusCode())) {
      return Set.of();
    }
    JsonNode body = CanonicalJson.read(answer.body());
    if (answer.statusCode() != 202 || !body.path("errors").isEmpty()) {
      throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    }
    return Set.copyOf(body.path("accepted").findValuesAsText("id"));
  }

  private static String structured(String id) {
    return """
        {"specversion": "1.0", "id": "%1$s", "source": "%2$s", "type": "%3$s",
         "data": {"id": "%1$s"}}
        """
        .formatted(id, Outside.SOURCE, Outside.UNORDERED);
  }

  /// Waits until some more of each road's events were taken.
  void awaitMore() {
    for (Producer producer : producers) {
      int before = producer.taken.size();
      Eventually.holds(
          FaultRig.RECOVERED_WITHIN,
          () -> {
            assertThat(unexpected).isEmpty();
            assertThat(producer.taken).hasSizeGreaterThan(before + TOGETHER);
          });
    }
  }

  /// Publishes no more and waits until everything was taken; the executions that were asked for.
  Set<String> finish() throws InterruptedException {
    finishing = true;
    Set<String> executions = new HashSet<>();
    for (Producer producer : producers) {
      assertThat(producer.thread.join(Callers.PATIENCE)).as(producer.name + " has ended").isTrue();
      producer.taken.forEach(id -> executions.add(Outside.execution(id)));
    }
    assertThat(unexpected).isEmpty();
    return executions;
  }

  @Override
  public void close() {
    producers.forEach(producer -> producer.thread.interrupt());
    client.shutdownNow();
  }
}
