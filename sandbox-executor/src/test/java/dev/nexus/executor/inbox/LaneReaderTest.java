package dev.nexus.executor.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.testkit.Eventually;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.junit.jupiter.api.Test;

class LaneReaderTest {
  private final AtomicInteger asked = new AtomicInteger();

  /// A lane without room, whose first look for some meets a full heap.
  private final class FullLane extends LaneReader {
    FullLane() {
      super("full-lane");
    }

    @Override
    KafkaShareConsumer<String, byte[]> connect() {
      throw new IllegalStateException("there is no room");
    }

    @Override
    boolean awaitRoom(Duration patience) throws InterruptedException {
      if (asked.incrementAndGet() == 1) {
        throw new OutOfMemoryError("of a test");
      }
      TimeUnit.MILLISECONDS.sleep(10);
      return false;
    }

    @Override
    void takeSome(KafkaShareConsumer<String, byte[]> consumer) {}

    @Override
    void stopWork() {}
  }

  @Test
  void shouldReadOnAfterAnError() {
    // When
    LaneReader lane = new FullLane();
    lane.start();

    // Then
    try {
      Eventually.holds(() -> assertThat(asked).hasValueGreaterThan(2));
    } finally {
      lane.close();
    }
  }
}
