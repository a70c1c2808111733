package dev.nexus.projector.rebuild;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.projector.query.Problems;
import dev.nexus.projector.store.Slot;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.micronaut.http.sse.Event;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.KafkaException;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs a verification for one subscriber and tells it how far it is.
final class VerificationPublisher implements Publisher<Event<String>> {
  private static final Logger LOG = LoggerFactory.getLogger(VerificationPublisher.class);
  private static final Duration SAID_EVERY = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration STEP = Duration.ofMillis(500);

  private final Verifier verifier;
  private final Set<String> projections;
  private final String redis;

  /// @param redis where Redis is, for people
  VerificationPublisher(Verifier verifier, Set<String> projections, String redis) {
    this.verifier = verifier;
    this.projections = projections;
    this.redis = redis;
  }

  @Override
  public void subscribe(Subscriber<? super Event<String>> subscriber) {
    var work = new Work(subscriber);
    subscriber.onSubscribe(work);
    Thread.ofPlatform().daemon().name("verification").start(work::run);
  }

  private final class Work implements Subscription, Verifier.Watcher {
    private final Subscriber<? super Event<String>> subscriber;
    private final Semaphore demand = new Semaphore(0);
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private final long began = System.nanoTime();
    private long said;
    private String projection = "";
    private int number;
    private int partitions;

    Work(Subscriber<? super Event<String>> subscriber) {
      this.subscriber = subscriber;
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

    @Override
    public boolean wanted() {
      return !cancelled.get();
    }

    @Override
    public void begins(String projection, int number, int partitions) {
      this.projection = projection;
      this.number = number;
      this.partitions = partitions;
    }

    @Override
    public void folded(Slot slot, long records, long of) {
      say(slot, "folded", records, of);
    }

    @Override
    public void compared(Slot slot, long names) {
      say(slot, "compared", names, 0);
    }

    /// Only when somebody listens and the last word is some time ago.
    private void say(Slot slot, String what, long count, long of) {
      long now = System.nanoTime();
      if (now - said > SAID_EVERY.toNanos() && demand.tryAcquire()) {
        said = now;
        ObjectNode progress = JsonNodeFactory.instance.objectNode();
        progress.put("projection", projection).put("number", number).put("partitions", partitions);
        progress.put("partition", slot.toString()).put(what, count);
        if (of > 0) {
          progress.put("of", of);
        }
        subscriber.onNext(Event.of(progress.toString()).name("progress"));
      }
    }

    void run() {
      try {
        finish(outcome());
      } catch (Verifier.UnwantedException e) {
        LOG.atInfo().log("verification ended, as its caller went away");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Throwable e) {
        LOG.atWarn().setCause(e).log("how the verification ended could not be said");
        subscriber.onError(e);
      }
    }

    /// How it ended, by an `Error` too: whoever asked waits until he is told.
    private Event<String> outcome() {
      try {
        Optional<Verification> outcome = verifier.verify(projections, PATIENCE, this);
        if (outcome.isEmpty()) {
          return failed("another verification is under way here: try again when it has ended");
        }
        return done(outcome.get());
      } catch (Verifier.UnwantedException e) {
        throw e;
      } catch (Throwable e) {
        LOG.atWarn().setCause(e).log("verification failed");
        return failed(reason(e));
      }
    }

    private static String reason(Throwable failure) {
      return switch (failure) {
        case KafkaException e -> "the brokers do not answer: " + e.getMessage();
        case UncheckedIOException e -> e.getMessage() + ": " + e.getCause();
        default -> "it broke off: " + failure;
      };
    }

    private static Event<String> failed(String reason) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("reason", reason);
      return Event.of(json.toString()).name("failed");
    }

    private Event<String> done(Verification outcome) {
      ObjectNode json = outcome.json();
      json.put("seconds", Math.round((System.nanoTime() - began) / 1e8) / 10.0);
      return Event.of(json.toString()).name("done");
    }

    @Override
    public String silence(RedisException e) {
      return "Redis at "
          + redis
          + (e instanceof RedisCommandExecutionException ? " refuses: " : " does not answer: ")
          + Problems.innermost(e)
          + " (./nexus doctor looks at it)";
    }

    @Override
    public String silence(KafkaException e) {
      return "the brokers do not answer: " + e.getMessage() + " (./nexus doctor looks at it)";
    }

    private void finish(Event<String> last) throws InterruptedException {
      while (!cancelled.get()) {
        if (demand.tryAcquire(STEP.toNanos(), TimeUnit.NANOSECONDS)) {
          subscriber.onNext(last);
          subscriber.onComplete();
          return;
        }
      }
    }
  }
}
