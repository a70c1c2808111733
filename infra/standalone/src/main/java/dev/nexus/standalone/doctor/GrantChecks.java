package dev.nexus.standalone.doctor;

import dev.nexus.event.task.Lane;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.AclLines;
import dev.nexus.platform.grant.Grant;
import dev.nexus.platform.grant.GrantTable;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.ShareGroups;
import dev.nexus.topic.Topic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeShareGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;

/// What of the table of grants the brokers do not let this user do. Brokers without an authorizer
/// let everybody do everything. Of topics and groups that are not there yet they tell nothing.
final class GrantChecks {
  private static final String CHECK = "grants";

  private final KafkaClients clients;
  private final Admin admin;
  private final String servers;
  private final AsUser as;

  /// What is allowed on what is there, by type and name.
  private final Map<ResourceType, Map<String, Set<AclOperation>>> allowed = new HashMap<>();

  GrantChecks(KafkaClients clients, Admin admin, Settings settings, AsUser as) {
    this.clients = clients;
    this.admin = admin;
    this.servers = settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS);
    this.as = as;
  }

  List<Finding> run() throws ExecutionException, InterruptedException {
    List<Grant> needed = new GrantTable(clients).of(as.user());
    askAboutTopics();
    askAboutGroups();
    var cluster =
        admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
    tell(ResourceType.CLUSTER, Grant.CLUSTER_NAME, cluster.authorizedOperations().get());
    List<Grant> lacking = new ArrayList<>();
    for (Grant grant : needed) {
      if (lacks(grant)) {
        lacking.add(grant);
      }
    }
    return List.of(judged(needed, lacking));
  }

  private Finding judged(List<Grant> needed, List<Grant> lacking) {
    if (lacking.isEmpty()) {
      return Finding.good(
          CHECK, "may do all that " + as.user().userName() + " needs: " + needed.size());
    }
    return Finding.broken(
        CHECK,
        as.principal()
            + " may not do what "
            + as.user().userName()
            + " needs: "
            + lacking.stream().map(Grant::toString).collect(Collectors.joining(", ")),
        String.join("; ", new AclLines(servers).of(as.principal(), lacking)));
  }

  private boolean lacks(Grant grant) throws ExecutionException, InterruptedException {
    if (grant.on().resourceType() == ResourceType.TRANSACTIONAL_ID) {
      return !maySee(grant.on().name());
    }
    // Who may create any topic may create these.
    if (grant.operation() == AclOperation.CREATE
        && of(ResourceType.CLUSTER)
            .getOrDefault(Grant.CLUSTER_NAME, Set.of())
            .contains(AclOperation.CREATE)) {
      return false;
    }
    return of(grant.on().resourceType()).entrySet().stream()
        .anyMatch(
            found -> grant.covers(found.getKey()) && !found.getValue().contains(grant.operation()));
  }

  private Map<String, Set<AclOperation>> of(ResourceType type) {
    return allowed.getOrDefault(type, Map.of());
  }

  private void tell(ResourceType type, String name, @Nullable Set<AclOperation> operations) {
    if (operations != null) {
      allowed.computeIfAbsent(type, _ -> new HashMap<>()).put(name, operations);
    }
  }

  private void askAboutTopics() throws ExecutionException, InterruptedException {
    List<String> names = Arrays.stream(Topic.values()).map(clients::name).toList();
    var asked =
        admin
            .describeTopics(names, new DescribeTopicsOptions().includeAuthorizedOperations(true))
            .topicNameValues();
    for (var topic : asked.entrySet()) {
      told(topic.getValue().thenApply(found -> operations(found.authorizedOperations())))
          .ifPresent(operations -> tell(ResourceType.TOPIC, topic.getKey(), operations));
    }
  }

  private void askAboutGroups() throws ExecutionException, InterruptedException {
    var ofConsumers = new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true);
    for (ConsumerGroup group : ConsumerGroup.values()) {
      String name = clients.group(group.groupName());
      tellOfGroup(
          name,
          admin
              .describeConsumerGroups(List.of(name), ofConsumers)
              .all()
              .thenApply(
                  found -> operations(found.values().iterator().next().authorizedOperations())));
    }
    var ofLanes = new DescribeShareGroupsOptions().includeAuthorizedOperations(true);
    for (Lane lane : Lane.values()) {
      String name = clients.group(ShareGroups.ofLane(lane));
      tellOfGroup(
          name,
          admin
              .describeShareGroups(List.of(name), ofLanes)
              .all()
              .thenApply(
                  found -> operations(found.values().iterator().next().authorizedOperations())));
    }
  }

  private void tellOfGroup(String name, KafkaFuture<Set<AclOperation>> asked)
      throws ExecutionException, InterruptedException {
    told(asked).ifPresent(operations -> tell(ResourceType.GROUP, name, operations));
  }

  /// Brokers that leave it out keep nobody from anything they could tell of.
  private static Set<AclOperation> operations(@Nullable Set<AclOperation> told) {
    return told == null ? Set.of(AclOperation.values()) : told;
  }

  /// What is allowed on it: nothing where not even describing it is, empty when it is not there.
  private static Optional<Set<AclOperation>> told(KafkaFuture<Set<AclOperation>> asked)
      throws ExecutionException, InterruptedException {
    try {
      return Optional.of(asked.get());
    } catch (ExecutionException e) {
      return switch (e.getCause()) {
        case AuthorizationException _ -> Optional.of(Set.of());
        case UnknownTopicOrPartitionException _ -> Optional.empty();
        case GroupIdNotFoundException _ -> Optional.empty();
        case null, default -> throw e;
      };
    }
  }

  /// Brokers tell of a transactional id only whether it may be described, which goes with writing.
  private boolean maySee(String beginning) throws ExecutionException, InterruptedException {
    String id = beginning + "0";
    try {
      admin.describeTransactions(List.of(id)).description(id).get();
      return true;
    } catch (ExecutionException e) {
      return switch (e.getCause()) {
        case TransactionalIdNotFoundException _ -> true;
        case AuthorizationException _ -> false;
        case null, default -> throw e;
      };
    }
  }
}
