package dev.nexus.executor.service;

import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.FailureLog;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.KeyPartition;
import dev.nexus.topic.Topic;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which services this executor runs. Those executors that have an engine are members of a group,
/// which gives each partition of `nexus.task-control` to one of them; a service belongs to who has
/// the partition of its key. Nothing is read there: the broker only says who lives. What is given
/// up is ended before another member gets it.
final class ServiceShare implements Share {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceShare.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LISTENS_WITHIN = Duration.ofSeconds(15);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(5);

  private final KafkaClients clients;
  private final String name;
  private final Supplier<Optional<URI>> address;
  private final Consumer<IntPredicate> givenUp;
  private final Set<Integer> owned = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final FailureLog failures = new FailureLog(LOG);
  private final Thread thread;
  private volatile boolean joins;
  private volatile int partitions;

  /// @param name of this member, for the broker's log
  /// @param address at which other executors reach this one; it may take a while to be known
  /// @param givenUp ends what belongs to partitions that are not owned any more
  ServiceShare(
      KafkaClients clients,
      String name,
      Supplier<Optional<URI>> address,
      Consumer<IntPredicate> givenUp) {
    this.address = address;
    this.clients = clients;
    this.name = name;
    this.givenUp = givenUp;
    this.thread = Thread.ofPlatform().daemon().name("service-share").unstarted(this::run);
  }

  @Override
  public void join(boolean member) {
    joins = member;
    if (member && thread.getState() == Thread.State.NEW) {
      thread.start();
    }
  }

  @Override
  public boolean owns(ServiceKey service) {
    int all = partitions;
    return all > 0 && owned.contains(KeyPartition.of(service.text(), all));
  }

  @Override
  public boolean isOf(ServiceKey service, IntPredicate some) {
    int all = partitions;
    return all > 0 && some.test(KeyPartition.of(service.text(), all));
  }

  private void run() {
    try {
      while (!closing.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
        if (joins) {
          try (KafkaConsumer<String, byte[]> member =
              clients.dividingConsumer(
                  ConsumerGroup.SERVICES.groupName(),
                  ServiceHolders.named(name, awaitedAddress()))) {
            belong(member);
          } catch (RuntimeException e) {
            failures.warn(e, "it joins the group of services again");
          } finally {
            lose();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Its name cannot be changed later, so a server that begins is waited for.
  private Optional<URI> awaitedAddress() throws InterruptedException {
    long begun = System.nanoTime();
    Optional<URI> known = address.get();
    while (known.isEmpty()
        && System.nanoTime() - begun < LISTENS_WITHIN.toNanos()
        && !closing.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
      known = address.get();
    }
    return known;
  }

  private void belong(KafkaConsumer<String, byte[]> member) {
    String topic = clients.name(Topic.TASK_CONTROL);
    member.subscribe(List.of(topic), new Assignments(member, topic));
    while (joins && closing.getCount() > 0) {
      member.poll(POLL);
    }
  }

  private void lose() {
    Set<Integer> lost = Set.copyOf(owned);
    owned.clear();
    if (!lost.isEmpty()) {
      givenUp.accept(lost::contains);
    }
  }

  private final class Assignments implements ConsumerRebalanceListener {
    private final KafkaConsumer<String, byte[]> member;
    private final String topic;

    Assignments(KafkaConsumer<String, byte[]> member, String topic) {
      this.member = member;
      this.topic = topic;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
      member.pause(member.assignment());
      // A topic that was given more of them is divided anew, for all members.
      partitions = member.partitionsFor(topic).size();
      owned.addAll(numbers(added));
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> removed) {
      Set<Integer> gone = numbers(removed);
      owned.removeAll(gone);
      givenUp.accept(gone::contains);
    }

    private static Set<Integer> numbers(Collection<TopicPartition> of) {
      return of.stream().map(TopicPartition::partition).collect(Collectors.toSet());
    }
  }

  @Override
  public void close() {
    closing.countDown();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      if (!thread.join(ENDS_WITHIN)) {
        LOG.warn("slow to leave the group of services");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
