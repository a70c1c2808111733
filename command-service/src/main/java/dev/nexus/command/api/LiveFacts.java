package dev.nexus.command.api;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The newest facts, for those who follow an execution from its first one. One reader a process; it
/// reads only while somebody follows, so it costs nothing when nobody does.
final class LiveFacts implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(LiveFacts.class);

  /// How long whoever wants to follow waits for the reader.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// Longest time the reader takes to see that nobody follows any more.
  private static final Duration POLL = Duration.ofMillis(200);

  /// Before the log is tried again that could not be read.
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final EventCodec<ExecutionEvent> codec =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private final KafkaClients clients;
  private final String clientId;
  private final Map<String, List<Consumer<Event<ExecutionEvent>>>> followers =
      new ConcurrentHashMap<>();
  private final Object turn = new Object();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private boolean reading;
  private boolean closing;

  LiveFacts(KafkaClients clients, InstanceId instance) {
    this.clients = clients;
    this.clientId = instance + "-facts";
    this.thread = Thread.ofPlatform().daemon().name("live-facts").unstarted(this::run);
  }

  @Override
  public String name() {
    return "live-facts";
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public void awaitReady(Duration patience) {}

  @Override
  public boolean healthy() {
    return thread.isAlive();
  }

  /// Gives `follower` the facts of the execution with this key that are written from now on.
  /// Returns when none can be missed; the result ends it. A follower that throws hears no more.
  Runnable follow(String key, Consumer<Event<ExecutionEvent>> follower) {
    synchronized (turn) {
      followers.computeIfAbsent(key, _ -> new CopyOnWriteArrayList<>()).add(follower);
      turn.notifyAll();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!reading) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0 || closing) {
          unfollow(key, follower);
          throw new IllegalStateException("the facts cannot be read now");
        }
        try {
          turn.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          unfollow(key, follower);
          throw new IllegalStateException("interrupted before facts could be read", e);
        }
      }
    }
    return () -> unfollow(key, follower);
  }

  private void unfollow(String key, Consumer<Event<ExecutionEvent>> follower) {
    followers.computeIfPresent(
        key,
        (_, present) -> {
          present.remove(follower);
          return present.isEmpty() ? null : present;
        });
  }

  /// An `Error` is no reason to end: followers come for as long as the process lives.
  private void run() {
    while (awaitFollowers()) {
      try (KafkaConsumer<String, byte[]> consumer = clients.assignedConsumer(clientId)) {
        toTheEnd(consumer);
        beginReading();
        while (goOn()) {
          consumer.poll(POLL).forEach(this::take);
        }
      } catch (Throwable e) {
        LOG.atWarn().setCause(e).log("facts cannot be followed now, trying again");
        endReading();
        pause();
      }
    }
  }

  private void toTheEnd(KafkaConsumer<String, byte[]> consumer) {
    List<TopicPartition> all =
        consumer.partitionsFor(clients.name(Topic.EXECUTIONS)).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(all);
    consumer.seekToEnd(all);
    all.forEach(consumer::position);
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    if (record.key() == null) {
      return;
    }
    List<Consumer<Event<ExecutionEvent>>> interested = followers.get(record.key());
    if (interested == null) {
      return;
    }
    try {
      Event<ExecutionEvent> fact = codec.decode(record.value());
      interested.forEach(follower -> tell(record.key(), follower, fact));
    } catch (UnreadableRecordException e) {
      LOG.atDebug().setCause(e).log("unreadable fact passed; the projector puts it aside");
    }
  }

  /// A follower may be gone though it is still on the list this thread goes through; none may end
  /// the reading for all.
  private void tell(
      String key, Consumer<Event<ExecutionEvent>> follower, Event<ExecutionEvent> fact) {
    try {
      follower.accept(fact);
    } catch (Throwable e) {
      LOG.atDebug().setCause(e).addKeyValue("execution", key).log("a follower left");
      unfollow(key, follower);
    }
  }

  private boolean awaitFollowers() {
    synchronized (turn) {
      while (followers.isEmpty() && !closing) {
        try {
          turn.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      return !closing;
    }
  }

  private void beginReading() {
    synchronized (turn) {
      reading = true;
      turn.notifyAll();
    }
  }

  private void endReading() {
    synchronized (turn) {
      reading = false;
    }
  }

  private void pause() {
    try {
      closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Under the lock of `follow`: whoever comes after this has said no makes the reader begin anew.
  private boolean goOn() {
    synchronized (turn) {
      reading = !followers.isEmpty() && !closing;
      return reading;
    }
  }

  @Override
  public void close() {
    closed.countDown();
    synchronized (turn) {
      closing = true;
      turn.notifyAll();
    }
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
