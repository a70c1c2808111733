package dev.nexus.executor.api;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives a caller what a service answers as it comes: a block is read when the caller has taken the
/// one before, so that nothing piles up. It ends with either side, and when the caller may not ask
/// any more.
final class FlowingBody implements Publisher<byte[]> {
  private static final Logger LOG = LoggerFactory.getLogger(FlowingBody.class);
  private static final int BLOCK = 16 << 10;
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration READ_WITHIN = Duration.ofSeconds(10);
  private static final ScheduledThreadPoolExecutor CLOCK = clock();

  private final InputStream body;
  private final BooleanSupplier allowed;
  private final AtomicBoolean subscribed = new AtomicBoolean();

  /// @param allowed whether the caller's key holds still
  FlowingBody(InputStream body, BooleanSupplier allowed) {
    this(body, allowed, READ_WITHIN);
  }

  /// @param readWithin how long until somebody is to read it
  FlowingBody(InputStream body, BooleanSupplier allowed, Duration readWithin) {
    this.body = body;
    this.allowed = allowed;
    CLOCK.schedule(this::endUnread, readWithin.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// Of a caller who went before anything was sent: nobody else gives its place back.
  private void endUnread() {
    if (!subscribed.get()) {
      end();
    }
  }

  /// A read that waits ends by that.
  void end() {
    try {
      body.close();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("a stream of a service has ended already");
    }
  }

  private static ScheduledThreadPoolExecutor clock() {
    var clock =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("service-streams").factory());
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }

  @Override
  public void subscribe(Subscriber<? super byte[]> subscriber) {
    subscribed.set(true);
    var delivery = new Delivery(subscriber);
    subscriber.onSubscribe(delivery);
    Thread.ofVirtual().name("service-stream").start(delivery::run);
  }

  private final class Delivery implements Subscription {
    private final Subscriber<? super byte[]> subscriber;
    private final Semaphore demand = new Semaphore(0);
    private volatile boolean cancelled;
    private volatile boolean ended;

    Delivery(Subscriber<? super byte[]> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long count) {
      // Unbounded demand is Long.MAX_VALUE, more permits than a semaphore holds.
      int room = Integer.MAX_VALUE / 2 - demand.availablePermits();
      demand.release((int) Math.clamp(count, 0, Math.max(0, room)));
    }

    @Override
    public void cancel() {
      cancelled = true;
      end();
      demand.release();
    }

    /// What cannot be asked now is asked again.
    private void look() {
      try {
        if (!ended && !allowed.getAsBoolean()) {
          ended = true;
          end();
          demand.release();
        }
      } catch (RuntimeException e) {
        LOG.atWarn().setCause(e).log("whether a caller may still read is not known now");
      }
    }

    void run() {
      ScheduledFuture<?> looks =
          CLOCK.scheduleWithFixedDelay(
              this::look, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
      try {
        deliver();
      } catch (IOException | RuntimeException e) {
        if (!cancelled) {
          subscriber.onError(e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        looks.cancel(false);
        end();
      }
    }

    private void deliver() throws IOException, InterruptedException {
      byte[] block = new byte[BLOCK];
      while (true) {
        demand.acquire();
        int count = cancelled ? -1 : body.read(block);
        if (cancelled) {
          return;
        }
        if (count < 0) {
          subscriber.onComplete();
          return;
        }
        subscriber.onNext(Arrays.copyOf(block, count));
      }
    }
  }
}
