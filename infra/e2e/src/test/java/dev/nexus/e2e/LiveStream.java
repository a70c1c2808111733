package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.ApiClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A client of the live stream that stays connected through a fault.
final class LiveStream implements AutoCloseable {
  private static final String DATA = "data:";

  private final DocumentedClient client = ApiClients.client();
  private final Set<String> ended = ConcurrentHashMap.newKeySet();
  private final CountDownLatch opened = new CountDownLatch(1);
  private volatile String over = "";

  private LiveStream(String reads, String key) throws IOException, InterruptedException {
    HttpResponse<Stream<String>> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(reads + "/v1/stream?type=ExecutionSucceeded"))
                .header("Authorization", "Bearer " + key)
                .header("Accept", "text/event-stream")
                .build(),
            BodyHandlers.ofLines());
    assertThat(answer.statusCode()).isEqualTo(200);
    Thread.ofVirtual().name("live-stream").start(() -> listen(answer.body()));
    assertThat(opened.await(2, TimeUnit.MINUTES)).as("the stream opens").isTrue();
  }

  /// To all that succeeds, from now on.
  static LiveStream of(FaultRig rig) throws IOException, InterruptedException {
    return new LiveStream(rig.reads(), rig.key());
  }

  /// To all that succeeds, from now on, through who passes streams on.
  static LiveStream through(String url, String key) throws IOException, InterruptedException {
    return new LiveStream(url, key);
  }

  /// To all that succeeds and the holder of a key may see, from when this returns.
  static LiveStream of(PlatformExtension platform, String key)
      throws IOException, InterruptedException {
    return new LiveStream(platform.url(), key);
  }

  /// Executions that it heard have succeeded.
  Set<String> ended() {
    return Set.copyOf(ended);
  }

  private void listen(Stream<String> lines) {
    try (lines) {
      lines.forEach(this::hear);
      over = "the stream ended" + over;
    } catch (UncheckedIOException | IllegalArgumentException e) {
      over = e.toString();
    }
  }

  private void hear(String line) {
    if (line.startsWith("event:") && line.contains("dropped")) {
      over = ": dropped";
    } else if (line.startsWith("event:") && line.contains("open")) {
      opened.countDown();
    } else if (line.startsWith(DATA)) {
      String execution =
          CanonicalJson.read(line.substring(DATA.length())).path("executionId").asText();
      ended.add(execution);
    }
  }

  /// Waits until it was heard that an execution succeeded, on the connection that was there before.
  void awaitEnd(String execution) {
    Eventually.holds(
        FaultRig.RECOVERED_WITHIN,
        () -> {
          assertThat(over).isEmpty();
          assertThat(ended).contains(execution);
        });
  }

  /// Waits until whoever sends it has ended it, and said so.
  void awaitDropped() {
    Eventually.holds(() -> assertThat(over).contains(": dropped"));
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
