package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the brokers whether what an owner has committed has its end everywhere. It asks on a thread
/// of its own: brokers may be slow to answer, and what is to be decided must not wait for that. One
/// question at a time. A question that fails, by an `Error` too, tells nothing and ends only
/// itself: it is asked again; where it keeps failing the owner is not healthy, as nobody looks
/// after its last writes. All calls come from the owner's thread.
final class EndCheck implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EndCheck.class);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(2);

  /// Failures in a row that are no accident.
  private static final int FAILURES_BELIEVED = 3;

  private final String name;
  private final Supplier<Optional<List<TopicPartition>>> question;
  private @Nullable Thread asking;
  private @Nullable FutureTask<Optional<List<TopicPartition>>> answer;

  /// Questions that failed, one after the other.
  private int failures;

  /// @param question gives the partitions without such an end, empty when nobody can tell now; ends
  ///     soon when it is interrupted
  EndCheck(String name, Supplier<Optional<List<TopicPartition>>> question) {
    this.name = name;
    this.question = question;
  }

  /// Begins to ask, unless a question is under way or its answer was not taken; returns at once.
  void ask() {
    if (answer == null && (asking == null || !asking.isAlive())) {
      var asked = new FutureTask<>(question::get);
      asking = Thread.ofVirtual().name("ends-of-" + name).start(asked);
      answer = asked; // behind the start: nobody would answer where that failed
    }
  }

  /// Takes the answer over, once; empty while there is none.
  Optional<List<TopicPartition>> take() {
    FutureTask<Optional<List<TopicPartition>>> asked = answer;
    if (asked == null || !asked.isDone()) {
      return Optional.empty();
    }
    answer = null;
    return switch (asked.state()) {
      case SUCCESS -> {
        failures = 0;
        yield asked.resultNow();
      }
      case FAILED -> {
        failures++;
        LOG.atWarn()
            .setCause(asked.exceptionNow())
            .addKeyValue("owner", name)
            .log("cannot look after the last writes, it is tried again");
        yield Optional.empty();
      }
      case RUNNING, CANCELLED -> Optional.empty();
    };
  }

  /// Whether its questions are answered, be it with nothing.
  boolean healthy() {
    return failures < FAILURES_BELIEVED;
  }

  /// The answer to come says nothing any more, as its owner goes on to write: what is just being
  /// written has no end either. Failures stay counted: else one that writes now and then would
  /// always be healthy.
  void drop() {
    if (answer != null) {
      answer = null;
      if (asking != null) {
        asking.interrupt();
      }
    }
  }

  @Override
  public void close() {
    drop();
    try {
      if (asking != null) {
        asking.join(ENDS_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
