package dev.nexus.platform.grant;

import dev.nexus.event.task.Lane;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.ShareGroups;
import dev.nexus.topic.Topic;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/// What each user of the brokers needs to be allowed, under the names of an installation: no less,
/// so that everything works, and no more.
///
/// Nobody is given `IdempotentWrite`: who may write to a topic may do so idempotently. Nor does
/// anybody get `Alter` on the cluster, whose owner may give itself everything.
public final class GrantTable {
  /// What the parts read that are in every process: the definitions, keys and tenants.
  public static final Set<Topic> READ_BY_EVERY_SERVICE =
      Set.copyOf(EnumSet.of(Topic.DEFINITIONS, Topic.ENTITIES));

  /// What those parts write.
  public static final Set<Topic> WRITTEN_BY_EVERY_SERVICE =
      Set.copyOf(EnumSet.of(Topic.LOGS, Topic.DEAD_LETTERS, Topic.AUDIT_INTENTS));

  /// What the names of groups begin with, within the installation, in which programs of an operator
  /// tell the brokers how far they have read.
  public static final String READERS = "operator-";

  private static final List<Topic> TASKS =
      Arrays.stream(Lane.values()).map(Topic::ofLane).distinct().toList();

  private final KafkaClients clients;

  /// @param clients who know the names of the installation; nothing is asked of the brokers
  public GrantTable(KafkaClients clients) {
    this.clients = clients;
  }

  /// Topics that this user reads.
  public static Set<Topic> reads(KafkaUser user) {
    return switch (user) {
      // What any record names is a payload that must stay.
      case COMMAND_SERVICE, OPERATOR, PLATFORM -> EnumSet.allOf(Topic.class);
      case PROJECTOR ->
          withEvery(
              READ_BY_EVERY_SERVICE,
              Topic.EXECUTIONS,
              Topic.PROMOTIONS,
              Topic.ROUTES,
              Topic.EVIDENCE,
              Topic.EVENTS,
              Topic.SNAPSHOTS);
      case SANDBOX_EXECUTOR -> {
        Set<Topic> read = withEvery(READ_BY_EVERY_SERVICE, Topic.TASK_CONTROL);
        read.addAll(TASKS);
        yield read;
      }
      case MCP_GATEWAY ->
          withEvery(READ_BY_EVERY_SERVICE, Topic.REPLIES, Topic.VALUE_REPLIES, Topic.METRICS);
      case ORACLE_STREAM ->
          withEvery(
              READ_BY_EVERY_SERVICE,
              Topic.EXECUTIONS,
              Topic.EVIDENCE,
              Topic.PROMOTIONS,
              Topic.ROUTES,
              // Its own, to end what a dead owner of its partitions left there.
              Topic.REQUESTS,
              Topic.SNAPSHOTS);
      case INTEGRATION -> EnumSet.noneOf(Topic.class);
    };
  }

  /// Topics that this user writes.
  public static Set<Topic> writes(KafkaUser user) {
    return switch (user) {
      case COMMAND_SERVICE -> {
        Set<Topic> written =
            withEvery(
                WRITTEN_BY_EVERY_SERVICE,
                Topic.INGRESS,
                Topic.EVENTS,
                Topic.REQUESTS,
                Topic.EXECUTIONS,
                Topic.TASK_CONTROL,
                Topic.OUTCOMES, // when one that was put aside is replayed
                Topic.REPLIES,
                Topic.DEFINITIONS,
                Topic.ENTITIES,
                Topic.VALUE_REQUESTS,
                Topic.VALUES,
                Topic.VALUE_REPLIES,
                Topic.METRICS,
                Topic.SNAPSHOTS);
        written.addAll(TASKS);
        yield written;
      }
      case PROJECTOR -> withEvery(WRITTEN_BY_EVERY_SERVICE, Topic.METRICS, Topic.SNAPSHOTS);
      case SANDBOX_EXECUTOR ->
          withEvery(WRITTEN_BY_EVERY_SERVICE, Topic.OUTCOMES, Topic.METRICS, Topic.SANDBOXES);
      case MCP_GATEWAY -> withEvery(WRITTEN_BY_EVERY_SERVICE, Topic.REQUESTS, Topic.VALUE_REQUESTS);
      case ORACLE_STREAM ->
          withEvery(
              WRITTEN_BY_EVERY_SERVICE,
              Topic.EVIDENCE,
              Topic.PROMOTIONS,
              Topic.ROUTES,
              Topic.REQUESTS,
              Topic.SNAPSHOTS);
      case PLATFORM -> {
        Set<Topic> written = EnumSet.noneOf(Topic.class);
        KafkaUser.SERVICES.forEach(service -> written.addAll(writes(service)));
        yield written;
      }
      case OPERATOR -> EnumSet.noneOf(Topic.class);
      case INTEGRATION -> EnumSet.of(Topic.INGRESS);
    };
  }

  private static Set<Topic> withEvery(Set<Topic> every, Topic... more) {
    Set<Topic> topics = EnumSet.copyOf(every);
    topics.addAll(Arrays.asList(more));
    return topics;
  }

  /// Everything that this user needs.
  public List<Grant> of(KafkaUser user) {
    Set<Grant> grants = new LinkedHashSet<>();
    switch (user) {
      case COMMAND_SERVICE, PROJECTOR, SANDBOX_EXECUTOR, MCP_GATEWAY, ORACLE_STREAM ->
          service(user, grants);
      case PLATFORM -> KafkaUser.SERVICES.forEach(service -> service(service, grants));
      case OPERATOR -> operator(grants);
      case INTEGRATION -> topics(user, grants);
    }
    return List.copyOf(grants);
  }

  private void service(KafkaUser user, Set<Grant> grants) {
    topics(user, grants);
    // At its start each creates what topics are missing and sets up the groups of lanes.
    allow(grants, allTopics(), AclOperation.DESCRIBE, AclOperation.CREATE);
    allow(grants, allTopics(), AclOperation.DESCRIBE_CONFIGS);
    allow(grants, groups(ShareGroups.LANES), AclOperation.DESCRIBE, AclOperation.ALTER_CONFIGS);
    // How much room there is on the disks of the brokers.
    allow(grants, Grant.CLUSTER, AclOperation.DESCRIBE);
    if (user == KafkaUser.COMMAND_SERVICE) {
      commandService(grants);
    } else if (user == KafkaUser.PROJECTOR) {
      member(ConsumerGroup.TRACES, grants);
    } else if (user == KafkaUser.ORACLE_STREAM) {
      member(ConsumerGroup.ORACLE, grants);
      owner(ConsumerGroup.ORACLE, grants);
    } else if (user == KafkaUser.SANDBOX_EXECUTOR) {
      allow(grants, groups(ShareGroups.LANES), AclOperation.READ);
      member(ConsumerGroup.SERVICES, grants);
    }
  }

  private void commandService(Set<Grant> grants) {
    for (ConsumerGroup group :
        List.of(
            ConsumerGroup.ROUTER,
            ConsumerGroup.DISPATCH,
            ConsumerGroup.TRIGGER,
            ConsumerGroup.VALUES)) {
      member(group, grants);
    }
    owner(ConsumerGroup.ROUTER, grants);
    owner(ConsumerGroup.DISPATCH, grants);
    owner(ConsumerGroup.VALUES, grants);
    // Old facts go when snapshots have them.
    allow(grants, topic(Topic.EXECUTIONS), AclOperation.DELETE);
    // Where NEXUS_FSYNC says otherwise than before.
    allow(grants, allTopics(), AclOperation.ALTER_CONFIGS);
  }

  private void operator(Set<Grant> grants) {
    topics(KafkaUser.OPERATOR, grants);
    allow(grants, allTopics(), AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS);
    allow(grants, groups(""), AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS);
    // Sinks such as Kafka Connect's can only read as members of a group; those of services are
    // closed to them.
    allow(grants, groups(READERS), AclOperation.READ);
    allow(grants, Grant.CLUSTER, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS);
  }

  private void topics(KafkaUser user, Set<Grant> grants) {
    each(reads(user), AclOperation.READ, grants);
    each(writes(user), AclOperation.WRITE, grants);
  }

  /// All of them in one, where it is all of them.
  private void each(Set<Topic> topics, AclOperation operation, Set<Grant> grants) {
    if (topics.size() == Topic.values().length) {
      allow(grants, allTopics(), operation);
    } else {
      topics.forEach(topic -> allow(grants, topic(topic), operation));
    }
  }

  private void member(ConsumerGroup group, Set<Grant> grants) {
    var name = clients.group(group.groupName());
    allow(
        grants,
        new ResourcePattern(ResourceType.GROUP, name, PatternType.LITERAL),
        AclOperation.READ);
  }

  private void owner(ConsumerGroup group, Set<Grant> grants) {
    var ids = clients.group(group.transactionalIds());
    allow(
        grants,
        new ResourcePattern(ResourceType.TRANSACTIONAL_ID, ids, PatternType.PREFIXED),
        AclOperation.WRITE);
  }

  private static void allow(Set<Grant> grants, ResourcePattern on, AclOperation... operations) {
    for (AclOperation operation : operations) {
      grants.add(new Grant(on, operation));
    }
  }

  private ResourcePattern topic(Topic topic) {
    return new ResourcePattern(ResourceType.TOPIC, clients.name(topic), PatternType.LITERAL);
  }

  private ResourcePattern allTopics() {
    String one = clients.name(Topic.EXECUTIONS);
    String beginning = one.substring(0, one.length() - Topic.EXECUTIONS.shortName().length());
    return new ResourcePattern(ResourceType.TOPIC, beginning, PatternType.PREFIXED);
  }

  /// All whose names begin so.
  private ResourcePattern groups(String beginning) {
    return new ResourcePattern(ResourceType.GROUP, clients.group(beginning), PatternType.PREFIXED);
  }
}
