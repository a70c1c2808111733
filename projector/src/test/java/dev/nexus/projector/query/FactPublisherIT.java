package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.projector.Story;
import dev.nexus.projector.live.Listener;
import dev.nexus.projector.live.LiveFeed;
import dev.nexus.projector.live.LiveFilter;
import dev.nexus.testkit.BrokerExtension;
import io.micronaut.http.sse.Event;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/// Who listens is told that no more will come, and where to go on.
class FactPublisherIT {
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
