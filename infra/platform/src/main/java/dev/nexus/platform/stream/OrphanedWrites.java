package dev.nexus.platform.stream;

import dev.nexus.topic.Topic;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends what a transaction left in a partition without a marker.
///
/// A coordinator that comes up after kill -9 finishes the transactions it had decided to commit. A
/// partition without a leader at that moment it takes for deleted: it leaves the marker out and
/// calls the transaction complete (seen with Kafka 4.3.1, whose `getPartitionLeaderEndpoint` is
/// empty for both). What was written there is then invisible and holds back all readers of
/// committed records, until the producer's next marker on that partition makes it visible beside
/// what the new owner decided in its place. So the new owner aborts it first: it has not been seen,
/// and is decided again with the same ids.
final class OrphanedWrites {
  private static final Logger LOG = LoggerFactory.getLogger(OrphanedWrites.class);

  private OrphanedWrites() {}

  /// Ends every open write of a transactional id to Nexus's topics. Its transactions must be over:
  /// `initTransactions` has returned, and nothing was sent since.
  static void end(KafkaClients clients, String transactionalId) {
    try (Admin admin = clients.admin()) {
      String id = clients.group(transactionalId);
      long producer = admin.describeTransactions(List.of(id)).description(id).get().producerId();
      for (var partition :
          admin.describeProducers(partitions(clients, admin)).all().get().entrySet()) {
        for (ProducerState state : partition.getValue().activeProducers()) {
          if (state.producerId() == producer && state.currentTransactionStartOffset().isPresent()) {
            abort(admin, partition.getKey(), state);
          }
        }
      }
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
          .log(
              "may not look for unfinished writes: grant DESCRIBE on topics and transactional ids");
    }
  }

  private static List<TopicPartition> partitions(KafkaClients clients, Admin admin)
      throws InterruptedException, ExecutionException {
    List<String> names = Arrays.stream(Topic.values()).map(clients::name).toList();
    return admin.describeTopics(names).allTopicNames().get().values().stream()
        .flatMap(
            topic ->
                topic.partitions().stream()
                    .map(p -> new TopicPartition(topic.name(), p.partition())))
        .toList();
  }

  private static void abort(Admin admin, TopicPartition partition, ProducerState state)
      throws InterruptedException, ExecutionException {
    admin
        .abortTransaction(
            new AbortTransactionSpec(
                partition,
                state.producerId(),
                (short) state.producerEpoch(),
                state.coordinatorEpoch().orElse(0)))
        .all()
        .get();
    LOG.atWarn()
        .addKeyValue("partition", partition)
        .addKeyValue("from", state.currentTransactionStartOffset().orElse(-1))
        .log("ended a write whose marker was lost in a crash of the broker");
  }
}
