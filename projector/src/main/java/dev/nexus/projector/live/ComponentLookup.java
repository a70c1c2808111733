package dev.nexus.projector.live;

import dev.nexus.event.Event;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Asks the projections which component an execution belongs to, and never lets them hold the
/// stream up: who does not answer soon, or fails, is not asked again for a while, and until then
/// facts are in doubt. For any thread.
final class ComponentLookup implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMillis(500);
  private static final Duration STEP = Duration.ofMillis(10);
  private static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(5);

  /// A component, "" where there is none.
  ///
  /// @param doubt why it could not be told; "" when it could
  record Answer(String component, String doubt) {
    static Answer of(String component) {
      return new Answer(component, "");
    }
  }

  private final Components components;
  private final Duration patience;
  private final ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Optional<Failure> last = Optional.empty();

  private record Failure(String why, long at) {
    boolean counts() {
      return System.nanoTime() - at < ASKED_AGAIN_AFTER.toNanos();
    }
  }

  ComponentLookup(Components components, Duration patience) {
    this.components = components;
    this.patience = patience;
  }

  /// Waits for projections that have not come to the fact yet, but not long.
  Answer of(Event<?> fact, long offset) {
    Optional<Failure> known = last.filter(Failure::counts);
    if (known.isPresent()) {
      return new Answer("", known.get().why());
    }
    try {
      Future<String> asked = asking.submit(() -> awaited(fact, offset));
      try {
        return Answer.of(asked.get(patience.toMillis(), TimeUnit.MILLISECONDS));
      } finally {
        asked.cancel(true);
      }
    } catch (TimeoutException e) {
      return failed("no answer within " + patience.toMillis() + " ms");
    } catch (ExecutionException e) {
      return failed(String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
    } catch (CancellationException | RejectedExecutionException e) {
      return failed("the projector ends");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed("interrupted");
    }
  }

  private String awaited(Event<?> fact, long offset) throws InterruptedException {
    Optional<String> known = components.of(fact, offset);
    while (known.isEmpty()) {
      TimeUnit.MILLISECONDS.sleep(STEP.toMillis());
      known = components.of(fact, offset);
    }
    return known.get();
  }

  private Answer failed(String reason) {
    String why = "the projections do not tell which component a fact is about: " + reason;
    last = Optional.of(new Failure(why, System.nanoTime()));
    return new Answer("", why);
  }

  @Override
  public void close() {
    asking.shutdownNow();
  }
}
