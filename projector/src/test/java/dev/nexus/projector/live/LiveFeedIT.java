package dev.nexus.projector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.Running;
import dev.nexus.projector.Story;
import dev.nexus.projector.live.Listener.Heard;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What breaks beside the one feed of all listeners costs those whom it concerns, and no others.
class LiveFeedIT {
  private static final Duration WAIT = Duration.ofMillis(200);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  private final CountDownLatch ended = new CountDownLatch(1);
  private Running writer;

  @BeforeEach
  void begin() {
    writer = new Running(broker.clients(), redis.client(), 1_000);
  }

  @AfterEach
  void end() {
    ended.countDown();
    writer.close();
  }

  private static Listener listener(LiveFeed feed, String component, Predicate<String> mayRead) {
    Listener listener =
        feed.listen(
            "key",
            new LiveFilter(Story.TENANT, "", component, Set.of(), mayRead),
            Optional.empty());
    listener.open();
    return listener;
  }

  /// As projections whose Redis takes questions and never answers.
  private String silence() {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return "";
  }

  private static String failure() {
    throw new AssertionError("nobody expects this");
  }

  @Test
  void shouldGiveFactsOutWhileTheProjectionsAreSilent() throws Exception {
    goesOnWithoutComponents((fact, offset) -> Optional.of(silence()), "no answer within");
  }

  @Test
  void shouldGiveFactsOutWhateverTheProjectionsThrow() throws Exception {
    goesOnWithoutComponents((fact, offset) -> Optional.of(failure()), "nobody expects this");
  }

  /// @param components fails
  /// @param why what is said about it
  private void goesOnWithoutComponents(Components components, String why) throws Exception {
    // Given executions that began before anybody listened, so that the feed has to ask about them
    Story one = Story.of("one").accepted("classify");
    Story two = Story.of("two").accepted("classify");
    writer.write(one.facts());
    writer.write(two.facts());
    LiveFeed feed = new LiveFeed(broker.clients(), components);
    try (Listener all = listener(feed, "", app -> true);
        Listener some = listener(feed, "classify", app -> true)) {
      // When
      writer.write(one.truth("1").facts().subList(1, 2));
      writer.write(two.truth("2").facts().subList(1, 2));

      // Then those who need no answer hear all, of two partitions; those who do are told why they
      // do not
      assertThat(List.<Object>of(heard(all).fact().event(), heard(all).fact().event()))
          .containsExactlyInAnyOrder(one.last(), two.last());
      Eventually.holds(() -> assertThat(some.dropped()).contains(why, "connect again"));
      assertThat(some.next(WAIT)).isEmpty();

      // When it is known again which component a fact is about
      Story three = Story.of("three").accepted("classify");
      try (Listener back = listener(feed, "classify", app -> true)) {
        writer.write(three.facts());

        // Then
        assertThat(heard(back).fact().component()).isEqualTo("classify");
      }
    } finally {
      feed.close();
    }
  }

  @Test
  void shouldWaitForProjectionsThatAreAMomentBehindAFact() throws Exception {
    // Given a feed that has to ask about a fact, and a projection that comes to it a little later
    Story story = Story.of("one").accepted("classify");
    writer.write(story.facts());
    var asked = new AtomicInteger();
    Components behind =
        (fact, offset) -> asked.incrementAndGet() < 5 ? Optional.empty() : Optional.of("classify");
    LiveFeed feed = new LiveFeed(broker.clients(), behind, Duration.ofMinutes(2));
    try (Listener listener = listener(feed, "classify", app -> true)) {
      // When
      writer.write(story.truth("1").facts().subList(1, 2));

      // Then it is heard, and not passed over as a fact of no component
      assertThat(heard(listener).fact().event()).isEqualTo(story.last());
      assertThat(asked).hasValue(5);
    } finally {
      feed.close();
    }
  }

  @Test
  void shouldTellWhoCatchesUpThatItCannotTellWhatItMissed() throws Exception {
    // Given a client that has heard the beginning of an execution
    Story one = Story.of("one").accepted("classify");
    writer.write(one.facts());
    LiveFeed feed = new LiveFeed(broker.clients(), (fact, offset) -> Optional.of(failure()));
    StreamPosition position;
    try (Listener all = listener(feed, "", app -> true)) {
      position = all.position();
    }
    writer.write(one.truth("1").facts().subList(1, 2));

    // When
    var filter = new LiveFilter(Story.TENANT, "", "classify", Set.of(), app -> true);
    try (Listener back = feed.listen("key", filter, Optional.of(position))) {
      back.open();

      // Then it may come again from the same place
      Eventually.holds(
          () -> {
            assertThat(back.next(WAIT)).isEmpty();
            assertThat(back.dropped()).contains("nobody expects this", "connect again");
          });
      assertThat(back.position().toString()).isEqualTo(position.toString());
    } finally {
      feed.close();
    }
  }

  @Test
  void shouldSendAwayTheOneListenerThatBreaks() throws Exception {
    assertSentAway(
        app -> {
          throw new IllegalStateException("no such key");
        });
  }

  @Test
  void shouldSendAwayTheOneListenerThatBreaksWithAnError() throws Exception {
    assertSentAway(
        app -> {
          throw new StackOverflowError("of a test");
        });
  }

  /// @param breaking what one of two listeners may read
  private void assertSentAway(Predicate<String> breaking) throws Exception {
    // Given
    LiveFeed feed = new LiveFeed(broker.clients(), (fact, offset) -> Optional.of(""));
    try (Listener broken = listener(feed, "", breaking);
        Listener whole = listener(feed, "", app -> true)) {
      // When
      Story story = Story.of("one").accepted("classify");
      writer.write(story.facts());

      // Then
      assertThat(heard(whole).fact().event()).isEqualTo(story.last());
      Eventually.holds(() -> assertThat(broken.dropped()).contains("connect again"));
    } finally {
      feed.close();
    }
  }

  @Test
  void shouldGoOnWithAnotherReaderWhenItsOwnBreaks() throws Exception {
    // Given
    LiveFeed feed = new LiveFeed(broker.clients(), (fact, offset) -> Optional.of(""));
    try (Listener listener = listener(feed, "", app -> true)) {
      writer.write(Story.of("one").accepted("classify").facts());
      assertThat(heard(listener).fact().component()).isEqualTo("classify");

      // When its reader is broken off in the middle of a poll
      Eventually.value(LiveFeedIT::readers, r -> r.size() == 1, "a reader, and no other test's")
          .getFirst()
          .interrupt();
      Story meanwhile = Story.of("two").accepted("classify");
      writer.write(meanwhile.facts());

      // Then nothing is missed, and the listener knows nothing of it
      assertThat(heard(listener).fact().event()).isEqualTo(meanwhile.last());
      assertThat(listener.dropped()).isEmpty();
    } finally {
      feed.close();
    }
  }

  /// Makes a reader end with an error in the middle of a poll, once each time it is told to, and
  /// counts those that are open.
  public static final class Failing implements ConsumerInterceptor<String, byte[]> {
    private static final AtomicBoolean ARMED = new AtomicBoolean();
    private static final AtomicInteger OPEN = new AtomicInteger();

    @Override
    public ConsumerRecords<String, byte[]> onConsume(ConsumerRecords<String, byte[]> records) {
      if (ARMED.getAndSet(false)) {
        throw new OutOfMemoryError("of a test");
      }
      return records;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

    @Override
    public void configure(Map<String, ?> configs) {
      OPEN.incrementAndGet();
    }

    @Override
    public void close() {
      OPEN.decrementAndGet();
    }
  }

  @Test
  void shouldGoOnWithAnotherReaderAfterAnError() throws Exception {
    // Given
    LiveFeed feed = new LiveFeed(failing(), (fact, offset) -> Optional.of(""));
    try (Listener listener = listener(feed, "", app -> true)) {
      Failing.ARMED.set(true);

      // When
      Story story = Story.of("one").accepted("classify");
      writer.write(story.facts());
      Eventually.holds(() -> assertThat(Failing.ARMED).isFalse());

      // Then the listener hears what the reader was about to give, and who comes now hears too
      assertThat(heard(listener).fact().event()).isEqualTo(story.last());
      try (Listener later = listener(feed, "", app -> true)) {
        Story next = Story.of("two").accepted("classify");
        writer.write(next.facts());
        assertThat(heard(later).fact().event()).isEqualTo(next.last());
      }
      assertThat(listener.dropped()).isEmpty();
    } finally {
      Failing.ARMED.set(false);
      feed.close();
    }
  }

  @Test
  void shouldLeaveNoReaderWhenItCannotGoToThePositionOfAListener() throws Exception {
    // Given a client that has heard a fact, and missed one
    LiveFeed before = new LiveFeed(broker.clients(), (fact, offset) -> Optional.of(""));
    StreamPosition position;
    try (Listener listener = listener(before, "", app -> true)) {
      writer.write(Story.of("one").accepted("classify").facts());
      position = heard(listener).position();
    } finally {
      before.close();
    }
    Story missed = Story.of("two").accepted("classify");
    writer.write(missed.facts());
    Eventually.holds(() -> assertThat(Failing.OPEN).as("readers of other tests").hasValue(0));
    LiveFeed feed = new LiveFeed(failing(), (fact, offset) -> Optional.of(""));
    var filter = new LiveFilter(Story.TENANT, "", "", Set.of(), app -> true);
    try (Listener back = feed.listen("key", filter, Optional.of(position))) {
      back.open();

      // When the look at what it heard last fails, in the middle of going to its position
      Failing.ARMED.set(true);
      assertThatThrownBy(() -> back.next(WAIT)).isInstanceOf(OutOfMemoryError.class);

      // Then
      assertThat(Failing.ARMED).isFalse();
      assertThat(Failing.OPEN).as("open readers").hasValue(0);
      assertThat(back.position()).isEqualTo(position);
      assertThat(heard(back).fact().event()).isEqualTo(missed.last());
    } finally {
      Failing.ARMED.set(false);
      feed.close();
    }
  }

  private static KafkaClients failing() {
    return new KafkaClients(
        broker.settings(Map.of("NEXUS_KAFKA_INTERCEPTOR_CLASSES", Failing.class.getName())));
  }

  private static List<Thread> readers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("live-feed"))
        .toList();
  }

  private static Heard heard(Listener listener) {
    return Eventually.value(() -> listener.next(WAIT), Optional::isPresent, "a fact").orElseThrow();
  }
}
