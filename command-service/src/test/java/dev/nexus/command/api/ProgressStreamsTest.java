package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.security.SigningKey;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import io.micronaut.http.sse.Event;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.FlowAdapters;

class ProgressStreamsTest {
  private static final int MANY = 1_000;

  /// A client that takes nothing until it is told to.
  private static final class SlowClient implements Subscriber<Event<String>> {
    private final CountDownLatch subscribed = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final List<String> names = new CopyOnWriteArrayList<>();
    private volatile Subscription subscription;

    @Override
    public void onSubscribe(Subscription given) {
      subscription = given;
      subscribed.countDown();
    }

    @Override
    public void onNext(Event<String> event) {
      names.add(event.getName());
    }

    @Override
    public void onError(Throwable failure) {
      ended.countDown();
    }

    @Override
    public void onComplete() {
      ended.countDown();
    }
  }

  @Test
  @Timeout(120)
  void shouldHoldUpNobodyForAClientThatDoesNotReadAndStillGiveItTheEnd() throws Exception {
    // Given
    var client = new SlowClient();
    Thread end;
    try (var out = new SubmissionPublisher<Event<String>>(Runnable::run, 16)) {
      out.subscribe(client);
      client.subscribed.await();

      // When: the one thread that brings the facts of all streams brings more than a client may owe
      for (int i = 0; i < MANY; i++) {
        ProgressStreams.offer(out, "fact", "{}");
      }
      end = Thread.ofVirtual().start(() -> ProgressStreams.last(out, "result", "{}"));
      client.subscription.request(Long.MAX_VALUE);
      end.join();
    }
    client.ended.await();

    // Then
    assertThat(client.names).hasSizeLessThan(MANY).endsWith("result");
  }

  @Test
  @Timeout(120)
  void shouldSayWhyAStreamEndsThatCannotBeFollowed(@TempDir Path data) throws Exception {
    // Given facts that nobody reads any more, then
    assertThat(told(data, Clock.systemUTC())).containsExactly("problem");
  }

  @Test
  @Timeout(120)
  void shouldSayWhyAStreamEndsBeforeItsExecutionHasAName(@TempDir Path data) throws Exception {
    // Given ids that cannot be made, then
    assertThat(told(data, new StoppedClock())).containsExactly("problem");
  }

  private static final class StoppedClock extends Clock {
    @Override
    public Instant instant() {
      throw new IllegalStateException("of a test");
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  /// Names of what a client is told of a call whose facts nobody reads.
  ///
  /// @param clock of ids
  private static List<String> told(Path data, Clock clock) throws Exception {
    var clients = new KafkaClients(Map.of("bootstrap.servers", "localhost:1"), "");
    var instance = new InstanceId("one");
    var payloads =
        new Payloads(Settings.of(Map.of("NEXUS_DATA_DIR", data.toString())), Clock.systemUTC());
    var facts = new LiveFacts(clients, instance);
    facts.close();
    try (var producer = new EventProducer(clients, "test");
        var executions =
            new ExecutionCaller(
                clients,
                producer,
                new DeadLetters(producer, "test", Clock.systemUTC()),
                payloads,
                instance,
                clock)) {
      var streams =
          new ProgressStreams(
              facts,
              executions,
              new Answers(new Tokens(new SigningKey(new byte[32]), () -> "log")));
      var origin = new Origin(TenantId.DEFAULT, "key:test", "http", "");
      var call =
          new Call(origin, "orders", "echo", "d1", new Json("1"), Duration.ZERO, Optional.empty());
      var client = new SlowClient();
      streams.follow(call, Duration.ofSeconds(1)).subscribe(FlowAdapters.toSubscriber(client));
      client.subscribed.await();
      client.subscription.request(Long.MAX_VALUE);
      client.ended.await();
      return client.names;
    }
  }
}
