package dev.nexus.projector.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.Imprint;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.Story;
import dev.nexus.projector.live.StreamPosition.Part;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ListenerTest {
  private static final Part PART = new Part(Topic.EXECUTIONS, 0);
  private static final Duration WAIT = Duration.ofMillis(10);

  private final LiveFeed feed =
      new LiveFeed(
          new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:1"), ""),
          (e, offset) -> Optional.of(""));
  private final Listener listener =
      new Listener(
          feed,
          new LiveFilter(Story.TENANT, "triage", "classify", Set.of(), app -> true),
          Optional.empty());

  @BeforeEach
  void join() {
    listener.joined(new StreamPosition(Map.of(PART, 0L)));
  }

  private static LiveFact fact(long offset, String component) {
    return fact(offset, component, 1);
  }

  private static LiveFact fact(long offset, String component, int bytes) {
    return new LiveFact(
        PART,
        LazyImprint.of(new Imprint(offset, 3, "0a1b2c3d")),
        bytes,
        component,
        "",
        Story.of("x").accepted(component).last());
  }

  @Test
  void shouldHearWhatItAskedForWithThePositionToGoOnFrom() throws Exception {
    // When
    listener.offer(fact(0, "other"));
    listener.offer(fact(1, "classify"));
    // Then
    assertThat(listener.next(WAIT))
        .hasValueSatisfying(heard -> assertThat(heard.position()).hasToString("x0:2~1.3.0a1b2c3d"));
    assertThat(listener.next(WAIT)).isEmpty();
  }

  @Test
  void shouldBeDroppedWithTheReasonWhenItTakesTooSlowly() throws Exception {
    // Given
    for (int i = 0; i < Listener.BUFFERED; i++) {
      assertThat(listener.offer(fact(i, "classify"))).isTrue();
    }
    // When
    boolean stays = listener.offer(fact(Listener.BUFFERED, "classify"));
    // Then
    assertThat(stays).isFalse();
    assertThat(listener.dropped()).as("what waits is still given").isEmpty();
    for (int i = 0; i < Listener.BUFFERED; i++) {
      assertThat(listener.next(WAIT)).isPresent();
    }
    assertThat(listener.dropped()).contains("too slow");
    assertThat(listener.position().of(PART)).isEqualTo(Listener.BUFFERED);
  }

  @Test
  void shouldBeDroppedWithTheReasonWhenFewButLargeFactsWait() throws Exception {
    // Given
    int mib = 1 << 20;
    for (int i = 0; i < Listener.BUFFERED_MIB; i++) {
      assertThat(listener.offer(fact(i, "classify", mib))).isTrue();
    }
    listener.offer(fact(Listener.BUFFERED_MIB, "other", mib));
    listener.next(WAIT);
    assertThat(listener.offer(fact(Listener.BUFFERED_MIB + 1, "classify", mib))).isTrue();
    // When
    boolean stays = listener.offer(fact(Listener.BUFFERED_MIB + 2, "classify", 1));
    // Then
    assertThat(stays).isFalse();
    for (int i = 0; i < Listener.BUFFERED_MIB; i++) {
      assertThat(listener.next(WAIT)).isPresent();
    }
    assertThat(listener.dropped()).contains("too slow", "8 MiB");
    assertThat(listener.position().of(PART)).isEqualTo(Listener.BUFFERED_MIB + 2);
  }

  @Test
  void shouldHearAFactThatIsLargerThanAllThatMayWait() throws Exception {
    // Given
    int huge = (Listener.BUFFERED_MIB + 1) << 20;
    assertThat(listener.offer(fact(0, "classify", huge))).isTrue();
    assertThat(listener.next(WAIT)).isPresent();
    // When
    boolean stays = listener.offer(fact(1, "classify", huge));
    // Then
    assertThat(stays).isTrue();
    assertThat(listener.next(WAIT)).isPresent();
  }
}
