package dev.nexus.executor.inbox;

import dev.nexus.platform.service.NexusService;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that reads one lane as a member of its share group. When reading fails, by an `Error`
/// too, it closes its consumer, which gives back what is not acknowledged, and begins anew.
abstract class LaneReader implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(LaneReader.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /// Time without room after which other executors get this one's share of the lane.
  private static final Duration FULL = Duration.ofSeconds(1);

  private final String name;
  private final Thread thread;
  private final CountDownLatch ready = new CountDownLatch(1);
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean reading;

  LaneReader(String name) {
    this.name = name;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::readUntilClosed);
  }

  /// A new consumer, subscribed.
  abstract KafkaShareConsumer<String, byte[]> connect();

  /// Waits for room for work; whether that came in time.
  abstract boolean awaitRoom(Duration patience) throws InterruptedException;

  /// Takes what there is, waiting a short time for it. There is room.
  abstract void takeSome(KafkaShareConsumer<String, byte[]> consumer) throws InterruptedException;

  /// Ends work that is still running.
  abstract void stopWork() throws InterruptedException;

  /// Lets go of what the lane holds; called when nothing is read any more.
  void ended() {}

  private void readUntilClosed() {
    while (!isClosing()) {
      try {
        if (awaitRoom(FULL)) {
          readWhileThereIsRoom();
        }
      } catch (InterruptedException | WakeupException e) {
        LOG.atDebug().addKeyValue("lane", name).log("reading interrupted");
      } catch (Throwable e) {
        reading = false;
        if (!isClosing()) {
          LOG.atError().setCause(e).addKeyValue("lane", name).log("lane cannot be read");
          pause();
        }
      }
    }
    reading = false;
  }

  /// The members of a share group divide the partitions among them, and a fetch may have come back
  /// after its poll had ended. A member that takes nothing for long must leave, or the tasks on its
  /// partitions and in its hands would wait for it while others are idle.
  private void readWhileThereIsRoom() throws InterruptedException {
    try (KafkaShareConsumer<String, byte[]> consumer = connect()) {
      while (!isClosing() && awaitRoom(FULL)) {
        takeSome(consumer);
        reading = true;
        ready.countDown();
      }
    }
  }

  private void pause() {
    try {
      boolean closed = closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      LOG.atDebug().addKeyValue("lane", name).addKeyValue("closed", closed).log("pause over");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  final boolean isClosing() {
    return closing.getCount() == 0;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final void start() {
    thread.start();
  }

  @Override
  public final void awaitReady(Duration patience) {
    try {
      if (!ready.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(name + " did not read its lane within " + patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + name, e);
    }
  }

  @Override
  public final boolean healthy() {
    return reading && thread.isAlive();
  }

  @Override
  public final void close() {
    closing.countDown();
    try {
      stopWork();
      if (thread.getState() != Thread.State.NEW) {
        thread.join(Duration.ofSeconds(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended();
    }
  }
}
