package dev.nexus.platform.stream;

import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends what a transaction left in partitions without a marker.
///
/// A coordinator that comes up after kill -9 finishes the transactions it had decided to commit. A
/// partition without a leader at that moment it takes for deleted: it leaves the marker out and
/// calls the transaction complete (seen with Kafka 4.3.1, whose `getPartitionLeaderEndpoint` is
/// empty for both). What was written there is then invisible and holds back all readers of
/// committed records, until the producer's next marker on that partition.
///
/// Where facts were left so, that marker would show them beside what the new owner decided in their
/// place. So the new owner aborts them, and what their transaction left elsewhere, first: they were
/// not seen, and are decided again with the same ids, tasks and replies included. Transactions are
/// told apart by the producer's epoch, which grows with each.
///
/// Where the facts stand and only something that follows from them was left, that is not aborted:
/// it is wanted, and the next marker shows it. Nobody knows when the new owner has something to
/// write there, if ever, and all that others write behind it waits. So its first record is written
/// once more: whoever reads requests or replies takes one that comes twice for one, the outcome of
/// a task is taken once, though its work may be done twice, and the owner of routes sets those
/// anew that are not as it decided. Where that record was deleted, nobody can tell whose the next
/// one is.
final class OrphanedWrites {
  private static final Logger LOG = LoggerFactory.getLogger(OrphanedWrites.class);

  private static final Set<Topic> FACTS =
      EnumSet.of(Topic.EXECUTIONS, Topic.EVIDENCE, Topic.PROMOTIONS, Topic.EVENTS);

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private record Orphan(TopicPartition partition, ProducerState state) {
    long start() {
      return state.currentTransactionStartOffset().orElse(-1);
    }
  }

  private OrphanedWrites() {}

  /// Aborts what is to be decided again, and gives what its owner must write and commit at once to
  /// end the rest. The transactions of the id must be over: `initTransactions` has returned, and
  /// nothing was sent since.
  static List<ProducerRecord<String, byte[]>> end(KafkaClients clients, String transactionalId) {
    Set<String> facts = FACTS.stream().map(clients::name).collect(Collectors.toSet());
    try (Admin admin = clients.admin()) {
      String id = clients.group(transactionalId);
      long producer = admin.describeTransactions(List.of(id)).description(id).get().producerId();
      List<Orphan> orphans = find(admin, writable(clients, admin), producer);
      Set<Integer> undecided =
          orphans.stream()
              .filter(orphan -> facts.contains(orphan.partition().topic()))
              .map(orphan -> orphan.state().producerEpoch())
              .collect(Collectors.toSet());
      List<ProducerRecord<String, byte[]>> again = new ArrayList<>();
      for (Orphan orphan : orphans) {
        var wanted =
            undecided.contains(orphan.state().producerEpoch())
                ? Optional.<ProducerRecord<String, byte[]>>empty()
                : first(clients, orphan);
        if (wanted.isPresent()) {
          again.add(wanted.get());
        } else {
          abort(admin, orphan);
        }
        LOG.atWarn()
            .addKeyValue("partition", orphan.partition())
            .addKeyValue("from", orphan.start())
            .addKeyValue("done", wanted.isPresent() ? "ended by another write" : "aborted")
            .log("found a write whose marker was lost in a crash of the broker");
      }
      return again;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while ending the writes of an earlier owner", e);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof AuthorizationException)) {
        throw new IllegalStateException("cannot end the writes of an earlier owner", e);
      }
      LOG.atWarn()
          .setCause(e.getCause())
          .addKeyValue("transactionalId", transactionalId)
          .log("may not look for unfinished writes: './nexus doctor' says what to grant");
      return List.of();
    }
  }

  /// Partitions that lack the end of something its living owner has committed, which begins
  /// nothing meanwhile; empty when the brokers do not answer, or have not ended it yet. Of what may
  /// not be looked at nothing is ever known, and nothing is said.
  ///
  /// Empty too while facts are among them: their owner knows them, its next write shows them, and a
  /// new owner would abort them. Not so verdicts: whoever decides reads the partition they are on,
  /// and no further than to such a write. Who is interrupted is told nothing. Throws where the
  /// brokers do not believe who asks: that does not pass by itself.
  static Optional<List<TopicPartition>> left(KafkaClients clients, String transactionalId) {
    Admin admin = null;
    try {
      admin = clients.impatientAdmin();
      String id = clients.group(transactionalId);
      var owner = admin.describeTransactions(List.of(id)).description(id).get();
      if (owner.state() != TransactionState.COMPLETE_COMMIT) {
        return Optional.empty();
      }
      List<TopicPartition> left =
          find(admin, writable(clients, admin), owner.producerId()).stream()
              .map(Orphan::partition)
              .toList();
      boolean facts =
          FACTS.stream()
              .filter(topic -> topic != Topic.EVENTS)
              .map(clients::name)
              .anyMatch(name -> left.stream().anyMatch(p -> p.topic().equals(name)));
      return facts ? Optional.empty() : Optional.of(left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthenticationException refusal) {
        throw refusal;
      }
      return e.getCause() instanceof AuthorizationException
          ? Optional.of(List.of())
          : Optional.empty();
    } catch (KafkaException e) {
      return Optional.empty();
    } finally {
      if (admin != null) {
        admin.close(Duration.ZERO); // who is interrupted waits for no answer
      }
    }
  }

  /// The first record of a write, as it stands. Empty where nothing is left to be shown; throws
  /// `CannotGoOnException` where it was deleted and something is left behind it, which may be
  /// somebody else's, and aborted.
  private static Optional<ProducerRecord<String, byte[]>> first(
      KafkaClients clients, Orphan orphan) {
    TopicPartition partition = orphan.partition();
    KafkaConsumer<String, byte[]> consumer = clients.uncommittedConsumer("unfinished-writes", 1);
    try {
      consumer.assign(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      consumer.seek(partition, orphan.start());
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          if (record.offset() != orphan.start()) {
            throw refusal(orphan, "the log no longer has its first record");
          }
          return Optional.of(
              new ProducerRecord<>(
                  record.topic(),
                  record.partition(),
                  record.timestamp(),
                  record.key(),
                  record.value(),
                  record.headers()));
        }
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException(partition + " could not be read at " + orphan.start());
        }
      }
      return Optional.empty();
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  /// The partitions that may hold its writes: of what it may write, and may look at. Who may do
  /// everything looks at everything.
  private static List<TopicPartition> writable(KafkaClients clients, Admin admin)
      throws InterruptedException, ExecutionException {
    List<String> names = Arrays.stream(Topic.values()).map(clients::name).toList();
    var options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
    return admin.describeTopics(names, options).allTopicNames().get().values().stream()
        .filter(topic -> mayWriteAndLook(topic.authorizedOperations()))
        .flatMap(
            topic ->
                topic.partitions().stream()
                    .map(partition -> new TopicPartition(topic.name(), partition.partition())))
        .toList();
  }

  private static boolean mayWriteAndLook(@Nullable Set<AclOperation> operations) {
    return operations == null
        || operations.contains(AclOperation.WRITE) && operations.contains(AclOperation.READ);
  }

  private static List<Orphan> find(Admin admin, List<TopicPartition> partitions, long producer)
      throws InterruptedException, ExecutionException {
    List<Orphan> orphans = new ArrayList<>();
    admin
        .describeProducers(partitions)
        .all()
        .get()
        .forEach(
            (partition, producers) ->
                producers.activeProducers().stream()
                    .filter(state -> state.producerId() == producer)
                    .filter(state -> state.currentTransactionStartOffset().isPresent())
                    .forEach(state -> orphans.add(new Orphan(partition, state))));
    return orphans;
  }

  /// Aborting takes a right with which one can do anything to the cluster; services have it not.
  /// Going on without would show facts that were not seen beside those decided in their place.
  private static void abort(Admin admin, Orphan orphan)
      throws InterruptedException, ExecutionException {
    ProducerState state = orphan.state();
    TopicPartition partition = orphan.partition();
    try {
      admin
          .abortTransaction(
              new AbortTransactionSpec(
                  partition,
                  state.producerId(),
                  (short) state.producerEpoch(),
                  state.coordinatorEpoch().orElse(0)))
          .all()
          .get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof AuthorizationException)) {
        throw e;
      }
      throw refusal(orphan, "this user may not abort it");
    }
  }

  /// @param why it cannot be ended from here
  private static CannotGoOnException refusal(Orphan orphan, String why) {
    TopicPartition partition = orphan.partition();
    return new CannotGoOnException(
        "a crash of a broker left a write on " + partition + " without its end, and " + why,
        "have one who may Alter the cluster run kafka-transactions.sh --bootstrap-server"
            + " HOST:PORT --command-config admin.properties abort --topic "
            + partition.topic()
            + " --partition "
            + partition.partition()
            + " --start-offset "
            + orphan.start());
  }
}
