package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.projector.Story;
import dev.nexus.projector.live.Listener;
import dev.nexus.projector.live.LiveFeed;
import dev.nexus.projector.live.LiveFilter;
import dev.nexus.projector.live.StreamPosition;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micronaut.http.sse.Event;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/// Who listens is told that no more will come, and where to go on.
class FactPublisherIT {
  private static final EventCodec<ExecutionEvent> CODEC =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);

  /// Of the log of executions.
  private static final StreamPosition BEGINNING = StreamPosition.parse("x0:0,x1:0,x2:0,x3:0");

  /// On a longer log.
  private static final StreamPosition BEYOND = StreamPosition.parse("x0:1000000");

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofClass();

  static List<Throwable> failures() {
    return List.of(new IllegalStateException("of a test"), new OutOfMemoryError("of a test"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void shouldEndTheStreamThatBreaksWithAReasonAndAPosition(Throwable failure) throws Exception {
    // Given
    LiveFeed feed = new LiveFeed(broker.clients(), (fact, offset) -> Optional.of(""));
    var everything = new LiveFilter(Story.TENANT, "", "", Set.of(), app -> true);
    Listener listener = feed.listen("key", everything, Optional.empty());
    try {
      // When
      var client = new Client();
      new FactPublisher(listener, () -> failed(failure)).subscribe(client);

      // Then
      assertThat(client.ended.get(1, TimeUnit.MINUTES)).isEqualTo("dropped");
      assertThat(client.events).extracting(Event::getName).containsExactly("open", "dropped");
      Event<String> last = client.events.getLast();
      assertThat(last.getData()).contains("connect again", "lastEventId");
      assertThat(last.getId()).isEqualTo(client.events.getFirst().getId());
      assertThat(feed.listening()).isZero();
    } finally {
      feed.close();
    }
  }

  @Test
  void shouldTellASubscriberThatFailedOverAnEventNoOtherOne() throws Exception {
    // Given
    LiveFeed feed = new LiveFeed(broker.clients(), (fact, offset) -> Optional.of(""));
    var everything = new LiveFilter(Story.TENANT, "", "", Set.of(), app -> true);
    Listener listener = feed.listen("key", everything, Optional.empty());
    var failure = new IllegalStateException("of a test");
    try {
      // When
      var client =
          new Client() {
            @Override
            public void onNext(Event<String> event) {
              super.onNext(event);
              throw failure;
            }
          };
      new FactPublisher(listener, () -> true).subscribe(client);

      // Then
      assertThat(client.ended)
          .failsWithin(Duration.ofMinutes(1))
          .withThrowableOfType(ExecutionException.class)
          .withCause(failure);
      assertThat(client.events).extracting(Event::getName).containsExactly("open");
      assertThat(feed.listening()).isZero();
    } finally {
      feed.close();
    }
  }

  private static LiveFilter mayRead(Predicate<String> app) {
    return new LiveFilter(Story.TENANT, "", "", Set.of(), app);
  }

  /// Of the names of the events that clients were given, those that tell of a gap.
  private static List<String> gaps(Client... clients) {
    return Stream.of(clients).flatMap(c -> c.names().stream()).filter("gap"::equals).toList();
  }

  @Test
  void shouldNotLeadBehindAGapThatWasNotTold() throws Exception {
    // Given a client that heard of more than the log has
    LiveFeed feed = new LiveFeed(broker.clients(), (fact, offset) -> Optional.of(""));
    try {
      // When its stream breaks where the gap was found and not told yet
      var client = new Client();
      var listener = feed.listen("key", mayRead(app -> true), Optional.of(BEYOND));
      new FactPublisher(listener, () -> failed(new IllegalStateException("of a test")))
          .subscribe(client);

      // Then it is led to where it stood, and told there
      assertThat(client.ended.get(1, TimeUnit.MINUTES)).isEqualTo("dropped");
      assertThat(client.names()).containsExactly("open", "dropped");
      assertThat(client.events.getLast().getId()).isEqualTo(BEYOND.toString());
      var back = new Client();
      var again = feed.listen("key", mayRead(app -> true), Optional.of(client.position()));
      new FactPublisher(again, () -> true).subscribe(back);
      Eventually.holds(() -> assertThat(gaps(back)).hasSize(1));
    } finally {
      feed.close();
    }
  }

  @Test
  void shouldTellAGapOnceThoughTheFirstFactBehindItBreaksTheStream() throws Exception {
    // Given a client that heard of more promotions than the log has, and of no other fact
    Story story = Story.of("behind-a-gap").accepted("classify");
    try (var producer = new EventProducer(broker.clients(), "test")) {
      producer.send(CODEC, Keys.execution(Story.TENANT, story.id()), story.last()).join();
    }
    var from = StreamPosition.parse("x0:0,x1:0,x2:0,x3:0,p0:1000000");
    LiveFeed feed = new LiveFeed(broker.clients(), (fact, offset) -> Optional.of(""));
    try {
      // When
      var client = new Client();
      var breaking = mayRead(app -> failed(new IllegalStateException("of a test")));
      new FactPublisher(feed.listen("key", breaking, Optional.of(from)), () -> true)
          .subscribe(client);
      assertThat(client.ended.get(1, TimeUnit.MINUTES)).isEqualTo("dropped");
      var back = new Client();
      var again = feed.listen("key", mayRead(app -> true), Optional.of(client.position()));
      new FactPublisher(again, () -> true).subscribe(back);

      // Then
      Eventually.holds(() -> assertThat(back.names()).contains("ExecutionAccepted"));
      assertThat(gaps(client, back)).hasSize(1);
    } finally {
      feed.close();
    }
  }

  @Test
  void shouldTellAFactAgainThatAnErrorKeptFromBeingRendered() throws Exception {
    // When
    List<String> heard = heardAfterABreak("error", new OutOfMemoryError("of a test"));

    // Then
    assertThat(heard).containsSubsequence("ExecutionAccepted", "ExecutionFailed");
  }

  /// Else it would end each stream anew.
  @Test
  void shouldPassOverAFactThatCannotBeRendered() throws Exception {
    // When
    List<String> heard = heardAfterABreak("exception", new IllegalStateException("of a test"));

    // Then
    assertThat(heard).contains("ExecutionFailed").doesNotContain("ExecutionAccepted");
  }

  /// What a client hears that comes back when its stream broke over the first of two facts.
  private static List<String> heardAfterABreak(String app, Throwable failure) throws Exception {
    Story story = Story.of(app, app, Story.BEGIN).accepted("classify").failed();
    try (var producer = new EventProducer(broker.clients(), "test")) {
      for (var fact : story.facts()) {
        producer.send(CODEC, Keys.execution(Story.TENANT, story.id()), fact).join();
      }
    }
    var itsFacts = new LiveFilter(Story.TENANT, app, "", Set.of(), any -> true);
    LiveFeed feed = new LiveFeed(broker.clients(), (fact, offset) -> Optional.of(""));
    try {
      var client = new Client();
      var listener = feed.listen("key", itsFacts, Optional.of(BEGINNING));
      new FactPublisher(listener, () -> true, fact -> String.valueOf(failed(failure)))
          .subscribe(client);
      assertThat(client.ended.get(1, TimeUnit.MINUTES)).isEqualTo("dropped");
      var back = new Client();
      var again = feed.listen("key", itsFacts, Optional.of(client.position()));
      new FactPublisher(again, () -> true).subscribe(back);
      Eventually.holds(() -> assertThat(back.names()).contains("ExecutionFailed"));
      return back.names();
    } finally {
      feed.close();
    }
  }

  private static boolean failed(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  /// Hears all there is.
  private static class Client implements Subscriber<Event<String>> {
    final List<Event<String>> events = new CopyOnWriteArrayList<>();
    final CompletableFuture<String> ended = new CompletableFuture<>();

    List<String> names() {
      return events.stream().map(event -> String.valueOf(event.getName())).toList();
    }

    /// Where it would go on.
    StreamPosition position() {
      return StreamPosition.parse(String.valueOf(events.getLast().getId()));
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Event<String> event) {
      events.add(event);
    }

    @Override
    public void onError(Throwable failure) {
      ended.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      ended.complete(String.valueOf(events.getLast().getName()));
    }
  }
}
