package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.micronaut.http.sse.Event;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
}
