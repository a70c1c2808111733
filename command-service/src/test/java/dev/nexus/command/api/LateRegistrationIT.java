package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.command.access.WebhookSignature;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
import dev.nexus.grpc.v1.CloudEvent;
import dev.nexus.grpc.v1.EventsGrpc;
import dev.nexus.grpc.v1.PublishAck;
import dev.nexus.grpc.v1.PublishError;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RelayedBroker;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The doors of an instance that hears of registrations at another one up to a second late, or not
/// at all while the log is silent.
class LateRegistrationIT {
  @TempDir static Path directory;

  private static final String SECRET = "It's a Secret to Everybody";
  private static final int TIMES = 3;
  private static final int MANY = 100;

  private static RelayedBroker broker;
  private static FrontDoor door;
  private static Integrations elsewhere;
  private static EventProducer producer;
  private static String key;
  private static ManagedChannel channel;

  @BeforeAll
  static void open() throws Exception {
    Path data = directory.resolve("door");
    Files.createDirectories(data.resolve("secrets"));
    Files.writeString(data.resolve("secrets/github"), SECRET + "\n");
    broker = RelayedBroker.start(directory.resolve("kafka"));
    // Its reads are answered when they have a MiB, or after a second.
    door =
        new FrontDoor(
            broker.clients(Map.of("fetch.min.bytes", "1048576", "fetch.max.wait.ms", "1000")),
            broker.settings(FrontDoor.environment(data, Map.of("NEXUS_GRPC_PORT", "0"))));
    key = door.key("app:orders:invoke");
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER), key);
    channel =
        ManagedChannelBuilder.forTarget(door.grpc())
            .usePlaintext()
            .intercept(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .build();
    Clock clock = Clock.systemUTC();
    producer = new EventProducer(broker.clients(), "elsewhere");
    elsewhere =
        new Integrations(
            broker.clients(), producer, new DeadLetters(producer, "elsewhere", clock), clock);
    elsewhere.start();
    elsewhere.awaitReady(Duration.ofMinutes(2));
  }

  @AfterAll
  static void close() throws Exception {
    channel.shutdownNow();
    door.close();
    elsewhere.close();
    producer.close();
    broker.close();
  }

  @Test
  void shouldTakeADeliveryAtAHookOnceItIsRegisteredElsewhere() {
    for (int i = 0; i < TIMES; i++) {
      // Given
      String id = "hook-" + i;
      assertThat(known(() -> deliver(id).status())).isEqualTo(404);

      // When
      register(id, IntegrationDefinition.GITHUB_HMAC, IntegrationDefinition.GITHUB);

      // Then
      assertThat(known(() -> deliver(id).status())).isEqualTo(202);
    }
  }

  @Test
  void shouldTakeAnEventOnceItsSourceIsRegisteredElsewhere() {
    for (int i = 0; i < TIMES; i++) {
      // Given
      String id = "event-" + i;
      assertThat(known(() -> publish(id).status())).isEqualTo(422);

      // When
      register(id, IntegrationDefinition.NONE, IntegrationDefinition.CLOUDEVENTS);

      // Then
      assertThat(known(() -> publish(id).status())).isEqualTo(202);
    }
  }

  @Test
  void shouldTakeAnEventOfAStreamOnceItsSourceIsRegisteredElsewhere() {
    try (Events events = new Events()) {
      for (int i = 0; i < TIMES; i++) {
        // Given
        String id = "stream-" + i;
        assertThat(known(() -> events.send(id))).isEqualTo(422);

        // When
        register(id, IntegrationDefinition.NONE, IntegrationDefinition.CLOUDEVENTS);

        // Then
        assertThat(known(() -> events.send(id))).isEqualTo(202);
      }
    }
  }

  @Test
  void shouldRefuseWhatNobodyRegisteredHoweverManyAskAtOnce() throws Exception {
    // When
    List<Future<Integer>> hooks = new ArrayList<>();
    List<Future<Integer>> events = new ArrayList<>();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < MANY; i++) {
        String id = "unknown-" + i;
        hooks.add(callers.submit(() -> known(() -> deliver(id).status())));
        events.add(callers.submit(() -> known(() -> publish(id).status())));
      }
    }

    // Then
    assertThat(hooks).allSatisfy(answer -> assertThat(answer.get()).isEqualTo(404));
    assertThat(events).allSatisfy(answer -> assertThat(answer.get()).isEqualTo(422));
  }

  @Test
  void shouldSayThatNobodyKnowsWhileTheLogIsSilent() throws Exception {
    try (Events events = new Events();
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      // Given
      assertThat(known(() -> events.send("nobody"))).isEqualTo(422);
      broker.road().silence();

      // When
      var delivered = callers.submit(() -> deliver("nobody"));
      var published = callers.submit(() -> publish("nobody"));
      int sent = events.send("nobody");

      // Then
      assertThat(sent).isEqualTo(503);
      for (FrontDoor.Answer answer : List.of(delivered.get(), published.get())) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
        assertThat(answer.body().path("type").asText()).endsWith("log-unavailable");
        assertThat(answer.response().headers().firstValue("Retry-After")).hasValue("2");
      }
    } finally {
      broker.road().pass();
    }
    assertThat(known(() -> deliver("nobody").status())).isEqualTo(404);
    assertThat(known(() -> publish("nobody").status())).isEqualTo(422);
  }

  /// Asks again while it is said that nobody knows: a machine may be slow.
  private static int known(Callable<Integer> call) {
    return Eventually.value(call, status -> status != 503, "somebody knows");
  }

  private static void register(String id, String credential, String format) {
    String secret = credential.equals(IntegrationDefinition.NONE) ? "" : "github";
    assertThat(
            elsewhere.register(
                new Integration(
                    TenantId.DEFAULT, "orders", id, "urn:" + id, credential, secret, format),
                "key:test"))
        .isTrue();
  }

  private static FrontDoor.Answer deliver(String hook) {
    return door.post(
        "",
        "/v1/hooks/" + hook,
        "{}",
        "X-Hub-Signature-256",
        WebhookSignature.sign(SECRET, "{}".getBytes(StandardCharsets.UTF_8)),
        "X-GitHub-Event",
        "issues",
        "X-GitHub-Delivery",
        "d-" + hook);
  }

  private static FrontDoor.Answer publish(String id) {
    return door.event(key, "urn:" + id, id);
  }

  /// A stream of events, each of which is sent when the one before is answered.
  private static final class Events implements StreamObserver<PublishAck>, AutoCloseable {
    private final Queue<PublishAck> acks = new ConcurrentLinkedQueue<>();
    private final StreamObserver<CloudEvent> stream = EventsGrpc.newStub(channel).publish(this);

    /// What HTTP would answer.
    int send(String id) {
      stream.onNext(
          CloudEvent.newBuilder()
              .setId(UUID.randomUUID().toString())
              .setSource("urn:" + id)
              .setSpecVersion("1.0")
              .setType("com.example.nothing")
              .setTextData("{}")
              .build());
      Eventually.holds(() -> assertThat(acks).isNotEmpty());
      PublishAck ack = acks.remove();
      return switch (ack.getError().getKind()) {
        case "" -> 202;
        case "unregistered-source" -> 422;
        case "log-unavailable" -> {
          assertThat(ack.getError().getRetryAfterMs()).isPositive();
          yield 503;
        }
        // No assertion that is made again: its answer is gone.
        default -> throw new IllegalStateException(ack.toString());
      };
    }

    @Override
    public void onNext(PublishAck ack) {
      acks.add(ack);
    }

    @Override
    public void onError(Throwable failure) {
      acks.add(
          PublishAck.newBuilder()
              .setError(PublishError.newBuilder().setKind(failure.toString()))
              .build());
    }

    @Override
    public void onCompleted() {
      // It ends with the test.
    }

    @Override
    public void close() {
      stream.onCompleted();
    }
  }
}
