package dev.nexus.projector.live;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.jspecify.annotations.Nullable;

/// Somebody who hears the live stream. What it has not taken yet waits in a bounded buffer; one who
/// takes too slowly is dropped with the reason, and may come back with its last position.
public final class Listener implements AutoCloseable {
  static final int BUFFERED = 2_000;

  /// The same in bytes of the log: a fact may have an input of hundreds of kilobytes.
  static final int BUFFERED_MIB = 8;

  private static final Duration POLL = Duration.ofMillis(200);

  /// Longest that a place is kept for a client that was given one and does not come.
  private static final Duration OPENS_WITHIN = Duration.ofSeconds(10);

  private final LiveFeed feed;
  private final LiveFilter filter;
  private final BlockingQueue<LiveFact> buffer = new ArrayBlockingQueue<>(BUFFERED);
  private final AtomicLong waiting = new AtomicLong();
  private final Deque<LiveFact> missed = new ArrayDeque<>();
  private volatile String dropped = "";
  private final boolean catchesUp;
  private final long promisedAt = System.nanoTime();
  private volatile boolean opened;
  private MovingPosition position;
  private boolean joined;
  private boolean brokeOff;
  private Optional<Gap> gap = Optional.empty();
  private @Nullable FactReader catchUp;
  private @Nullable StreamPosition goal;

  Listener(LiveFeed feed, LiveFilter filter, Optional<StreamPosition> from) {
    this.feed = feed;
    this.filter = filter;
    this.catchesUp = from.isPresent();
    this.position = new MovingPosition(from.orElse(new StreamPosition(Map.of())));
  }

  /// Begins to listen; before this nothing is kept for it.
  public void open() {
    opened = true;
    if (!catchesUp) {
      joined(feed.join(this));
    }
  }

  /// Whether its client went away before it opened.
  boolean neverCame() {
    return !opened && System.nanoTime() - promisedAt > OPENS_WITHIN.toNanos();
  }

  void joined(StreamPosition at) {
    joined = true;
    position = new MovingPosition(at);
  }

  /// A fact with the position after it.
  public record Heard(StreamPosition position, LiveFact fact) {}

  /// Takes a fact from the feed; false when this listener is no longer one.
  boolean offer(LiveFact fact) {
    if (!dropped.isEmpty()) {
      return false;
    }
    if (filter.cannotTell(fact)) {
      drop(fact.doubt() + "; connect again");
      return false;
    }
    if (!filter.accepts(fact)) {
      return true;
    }
    fact.imprint().get(); // now, so that what waits does not keep its record as well
    long waited = waiting.getAndAdd(fact.bytes());
    if (waited > 0 && waited + fact.bytes() > (long) BUFFERED_MIB << 20) {
      drop("too slow: more than " + BUFFERED_MIB + " MiB of facts waited");
      return false;
    }
    if (!buffer.offer(fact)) {
      drop("too slow: more than " + BUFFERED + " facts waited");
      return false;
    }
    return true;
  }

  void drop(String reason) {
    dropped = reason;
  }

  /// Why nothing more will come; "" while more will.
  public String dropped() {
    return brokeOff || buffer.isEmpty() ? dropped : "";
  }

  /// What it misses behind its first position, if anything; told once.
  public Optional<Gap> gap() {
    Optional<Gap> told = gap;
    gap = Optional.empty();
    return told;
  }

  /// Where to go on from after what was heard so far.
  public StreamPosition position() {
    return position.now();
  }

  /// The next fact; empty when there is none within `wait`.
  public Optional<Heard> next(Duration wait) throws InterruptedException {
    if (brokeOff) {
      return Optional.empty();
    }
    if (!joined || catchUp != null) {
      Optional<LiveFact> fact = nextMissed();
      if (fact.isPresent()) {
        return fact.map(this::heard);
      }
      if (!joined || catchUp != null) {
        return Optional.empty();
      }
    }
    long deadline = System.nanoTime() + wait.toNanos();
    LiveFact fact = taken(wait.toNanos());
    while (fact != null && fact.offset() < position.of(fact.part())) {
      // heard while catching up
      fact = taken(deadline - System.nanoTime());
    }
    return Optional.ofNullable(fact).map(this::heard);
  }

  private @Nullable LiveFact taken(long nanos) throws InterruptedException {
    LiveFact fact = buffer.poll(nanos, TimeUnit.NANOSECONDS);
    if (fact != null) {
      waiting.addAndGet(-fact.bytes());
    }
    return fact;
  }

  private Heard heard(LiveFact fact) {
    position.after(fact);
    return new Heard(position.now(), fact);
  }

  /// The next fact that was missed. Any use of the reader may find that the log no longer has what
  /// comes next: who comes back then is told of the gap.
  private Optional<LiveFact> nextMissed() {
    try {
      return readMissed();
    } catch (InvalidOffsetException e) {
      return brokenOff("the log no longer has what comes next");
    }
  }

  /// Reads what was missed: to the log's end first, then on to where the feed took over.
  private Optional<LiveFact> readMissed() {
    FactReader own = catchUp;
    if (own == null) {
      own = catchingUp();
      catchUp = own;
    }
    if (missed.isEmpty()) {
      own.poll(POLL).forEach(this::missed);
    }
    if (!missed.isEmpty() && !filter.accepts(missed.element())) {
      return brokenOff(missed.element().doubt());
    }
    if (missed.isEmpty()) {
      if (goal == null && own.reached(own.end())) {
        goal = feed.join(this);
        joined = true;
      }
      if (goal != null && own.reached(goal)) {
        position = new MovingPosition(own.position());
        own.close();
        catchUp = null;
      }
    }
    return Optional.ofNullable(missed.poll());
  }

  /// Keeps what it is to hear, and that of which nobody can tell.
  private void missed(LiveFact fact) {
    if (filter.accepts(fact)) {
      fact.imprint().get(); // now, so that what waits does not keep its record as well
      missed.add(fact);
    } else if (filter.cannotTell(fact)) {
      missed.add(fact);
    }
  }

  private Optional<LiveFact> brokenOff(String why) {
    drop(why + "; connect again");
    brokeOff = true;
    return Optional.empty();
  }

  /// A reader that stands where this listener does.
  private FactReader catchingUp() {
    FactReader fresh = feed.newReader("live-catch-up");
    try {
      Optional<Gap> found = fresh.seek(position.now());
      position = new MovingPosition(found.map(Gap::from).orElseGet(fresh::position));
      gap = found;
      return fresh;
    } catch (Throwable e) {
      fresh.close();
      throw e;
    }
  }

  @Override
  public void close() {
    feed.leave(this);
    if (catchUp != null) {
      catchUp.close();
      catchUp = null;
    }
  }
}
