package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.projector.live.Gap;
import dev.nexus.projector.live.Listener;
import dev.nexus.projector.live.Listener.Heard;
import dev.nexus.projector.live.LiveFact;
import dev.nexus.projector.live.StreamPosition;
import io.micronaut.http.sse.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives what a listener hears to one subscriber, no faster than it asks for.
final class FactPublisher implements Publisher<Event<String>> {
  private static final Logger LOG = LoggerFactory.getLogger(FactPublisher.class);

  /// A silent stream says that it lives, so that a dead connection is noticed.
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(15);

  private static final Duration STEP = Duration.ofMillis(500);

  private final Listener listener;
  private final BooleanSupplier allowed;
  private final Function<LiveFact, String> rendering;

  /// `allowed` is asked before every event: a key that is revoked or expires ends its stream.
  FactPublisher(Listener listener, BooleanSupplier allowed) {
    this(listener, allowed, FactPublisher::json);
  }

  /// @param rendering of a fact as it is told
  FactPublisher(Listener listener, BooleanSupplier allowed, Function<LiveFact, String> rendering) {
    this.listener = listener;
    this.allowed = allowed;
    this.rendering = rendering;
  }

  private static String json(LiveFact fact) {
    ObjectNode json = EventJson.of(fact.event());
    json.put("component", fact.component());
    return json.toString();
  }

  @Override
  public void subscribe(Subscriber<? super Event<String>> subscriber) {
    var delivery = new Delivery(subscriber);
    subscriber.onSubscribe(delivery);
    Thread.ofVirtual().name("live-listener").start(delivery::run);
  }

  private final class Delivery implements Subscription {
    private final Subscriber<? super Event<String>> subscriber;
    private final Semaphore demand = new Semaphore(0);
    private final AtomicBoolean cancelled = new AtomicBoolean();

    /// Whether the subscriber is being told something, or failed over it.
    private boolean telling;

    /// Where the subscriber is to go on from, by what it was told. The listener may be further, as
    /// what it found last, a gap or a fact, may not have been told yet.
    private StreamPosition told;

    Delivery(Subscriber<? super Event<String>> subscriber) {
      this.subscriber = subscriber;
      this.told = listener.position();
    }

    @Override
    public void request(long count) {
      // Unbounded demand is Long.MAX_VALUE, more permits than a semaphore holds.
      int room = Integer.MAX_VALUE / 2 - demand.availablePermits();
      demand.release(Math.clamp(count, 0, Math.max(0, room)));
    }

    @Override
    public void cancel() {
      cancelled.set(true);
    }

    void run() {
      try (listener) {
        deliver();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ProblemException e) {
        drop(String.valueOf(e.getMessage()), e);
      } catch (Throwable e) { // an Error too: else it would be listened to for ever
        LOG.atWarn().setCause(e).log("live stream broke");
        drop("the stream broke here; connect again", e);
      }
    }

    private void deliver() throws InterruptedException {
      long quietSince = System.nanoTime();
      listener.open();
      tell("open", "{}", listener.position());
      while (!cancelled.get()) {
        var heard = listener.next(STEP);
        if (!allowed.getAsBoolean()) {
          end("the key was revoked or has expired", told);
          return;
        }
        Optional<Gap> gap = listener.gap();
        if (gap.isPresent()) {
          tell("gap", json(gap.get()), gap.get().from());
        }
        if (heard.isPresent()) {
          quietSince = System.nanoTime();
          String json = rendered(heard.get());
          told = heard.get().position();
          tell(heard.get().fact().type(), json, told);
        } else if (!listener.dropped().isEmpty()) {
          end(listener.dropped(), listener.position());
          return;
        } else if (System.nanoTime() - quietSince > SIGN_OF_LIFE.toNanos()) {
          quietSince = System.nanoTime();
          tell("quiet", "{}", listener.position());
        }
      }
    }

    /// Ends the stream with a reason, and where to go on. A subscriber that failed over what it was
    /// told is told the failure only.
    private void drop(String why, Throwable cause) {
      Throwable failure = cause;
      if (!telling) {
        try {
          end(why, told);
          return;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        } catch (Throwable e) {
          failure = e;
        }
      }
      subscriber.onError(failure);
    }

    private void end(String why, StreamPosition next) throws InterruptedException {
      ObjectNode reason = JsonNodeFactory.instance.objectNode();
      reason.put("reason", why);
      reason.put("lastEventId", next.toString());
      tell("dropped", reason.toString(), next);
      telling = true;
      subscriber.onComplete();
    }

    private String rendered(Heard heard) {
      try {
        return rendering.apply(heard.fact());
      } catch (RuntimeException e) {
        told = heard.position(); // one that can never be told would end each stream anew
        throw e;
      }
    }

    private static String json(Gap gap) {
      List<String> reasons = new ArrayList<>();
      if (gap.deleted() > 0) {
        reasons.add("facts behind the last id are too old: the log no longer has them");
      }
      if (gap.lostEnds() > 0) {
        reasons.add(
            "the log has lost its end: facts before the last id are gone, and what came in their"
                + " place before this id is not told");
      }
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("reason", String.join("; ", reasons));
      json.put("positions", gap.deleted());
      json.put("lostEnds", gap.lostEnds());
      return json.toString();
    }

    /// Waits until the subscriber asks for more.
    ///
    /// @param next where to go on from behind that; the id of the event
    private void tell(String name, String data, StreamPosition next) throws InterruptedException {
      while (!cancelled.get()) {
        if (demand.tryAcquire(STEP.toNanos(), TimeUnit.NANOSECONDS)) {
          telling = true;
          subscriber.onNext(Event.of(data).name(name).id(next.toString()));
          telling = false;
          told = next;
          return;
        }
      }
    }
  }
}
