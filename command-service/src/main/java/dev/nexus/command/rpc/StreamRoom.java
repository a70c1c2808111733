package dev.nexus.command.rpc;

import dev.nexus.platform.http.Problem;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// What streams of events may hold of the heap: each so many bytes of events that are not answered,
/// and so many streams that all of them together leave most of it to the rest of the process.
final class StreamRoom {
  /// Of one stream, bytes; more where a single event may be larger.
  static final long EACH = 4 << 20;

  private static final int PART = 4;
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final long largest;
  private final long most;
  private final AtomicInteger open = new AtomicInteger();

  /// @param largest bytes that an event may have
  /// @param most streams at once
  StreamRoom(long largest, long most) {
    this.largest = largest;
    this.most = most;
  }

  static StreamRoom ofThisProcess(long largest) {
    long each = Math.max(EACH, largest);
    return new StreamRoom(largest, Math.max(1, Runtime.getRuntime().maxMemory() / PART / each));
  }

  /// How many more events a stream may ask for. Nobody knows how large one is before it is here, so
  /// each that was asked for counts as one of the largest.
  ///
  /// @param held bytes of events that are not answered
  /// @param asked events that are not here yet
  long more(long held, int asked) {
    long free = EACH - held - asked * largest;
    return free >= largest ? free / largest : held == 0 && asked == 0 ? 1 : 0;
  }

  /// Whether one more stream may begin, which `leave`s when it has ended and holds no event.
  boolean enter() {
    if (open.incrementAndGet() <= most) {
      return true;
    }
    open.decrementAndGet();
    return false;
  }

  void leave() {
    open.decrementAndGet();
  }

  /// Why no more streams may begin.
  Problem full() {
    return Problem.of(
            HttpStatus.TOO_MANY_REQUESTS,
            "too-many-streams",
            most
                + " streams of events are open at this instance or have writes on their way, as many"
                + " as its memory allows: one takes the events of all sources, or try again later")
        .retryAfter(RETRY);
  }
}
