package dev.nexus.standalone.doctor;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogLag;
import dev.nexus.platform.stream.LogPartitions;
import dev.nexus.projector.Projections;
import dev.nexus.projector.query.ProjectionLags;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.topic.Topic;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;

/// How far what queries show is behind the log: its ends against what Redis has, as projectors
/// measure it. No projector is asked, so it is told of one that stands still too.
final class ProjectionChecks {
  private static final String CHECK = "projections lag";

  private final KafkaClients clients;
  private final Admin admin;
  private final Settings settings;
  private final Embedded own;

  ProjectionChecks(KafkaClients clients, Admin admin, Settings settings, Embedded own) {
    this.clients = clients;
    this.admin = admin;
    this.settings = settings;
    this.own = own;
  }

  List<Finding> run(String redisUrl) throws ExecutionException, InterruptedException {
    try (RedisClient redis = RedisChecks.client(redisUrl);
        ProjectionStore store = new ProjectionStore(redis, "doctor")) {
      Map<String, Long> waiting = new TreeMap<>();
      waiting.put(ProjectionLags.EXECUTIONS, behind(store, Projections.executions(settings)));
      waiting.put(ProjectionLags.DECISIONS, behind(store, Projections.decisions(settings)));
      return List.of(judged(waiting));
    } catch (RedisException e) {
      return List.of(RedisChecks.silent(CHECK, e, own));
    }
  }

  private long behind(ProjectionStore store, List<Fold<?>> folds)
      throws ExecutionException, InterruptedException {
    List<Topic> topics = folds.stream().<Topic>map(Fold::topic).toList();
    Collection<TopicPartition> partitions = LogPartitions.of(clients, admin, topics);
    return new LogLag(clients, admin).behind(partitions, () -> positions(store, partitions));
  }

  private static Map<TopicPartition, Long> positions(
      ProjectionStore store, Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    for (TopicPartition partition : partitions) {
      switch (store.position(new Slot(partition.topic(), partition.partition()))) {
        case StoredPosition.At(_, _, _, var mark, _, _) -> positions.put(partition, mark.next());
        case StoredPosition.Newer _ -> {} // how far it is only a newer version can tell
        case StoredPosition.None() -> {} // nobody has begun: everything waits
      }
    }
    return positions;
  }

  private Finding judged(Map<String, Long> waiting) {
    long limit = settings.number(Setting.BACKLOG_LIMIT);
    long most = waiting.values().stream().mapToLong(Long::longValue).max().orElse(0);
    if (most == 0) {
      return Finding.good(CHECK, "nothing waits");
    }
    StringBuilder detail = new StringBuilder();
    waiting.forEach(
        (reader, behind) ->
            detail
                .append(detail.isEmpty() ? "" : ", ")
                .append(Finding.count(behind, "record"))
                .append(behind == 1 ? " waits for " : " wait for ")
                .append(reader));
    return most <= limit
        ? Finding.good(CHECK, detail.toString())
        : Finding.doubtful(
            CHECK,
            detail
                + ": new work is refused above "
                + limit
                + ", so queries show what was before them",
            "wait; when it does not shrink, look at Redis, at the projector and its log");
  }
}
