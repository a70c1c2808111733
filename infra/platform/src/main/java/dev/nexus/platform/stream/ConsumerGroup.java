package dev.nexus.platform.stream;

import dev.nexus.topic.Topic;
import java.util.List;

/// The consumer groups whose members share work, each under the name that it has within an
/// installation. Whoever joins a group, and whoever looks how far it is, has the name from here.
public enum ConsumerGroup {
  ROUTER("router", Topic.REQUESTS, Topic.OUTCOMES),
  DISPATCH("dispatch", Topic.EVENTS),
  TRIGGER("trigger", Topic.INGRESS),
  VALUES("values", Topic.VALUE_REQUESTS),

  /// Its members share the partitions of nexus.evidence, and tell how far they have read the facts.
  ORACLE("oracle", Topic.EXECUTIONS),

  /// Its members are projectors that send spans; without a receiver for them it has none.
  TRACES("traces", Topic.EXECUTIONS, Topic.EVENTS),

  /// Its members are executors that run services: who has a partition of nexus.task-control runs
  /// those whose keys fall on its number. They read nothing of it. Without services it has no
  /// member.
  SERVICES("services");

  private final String groupName;
  private final List<Topic> topics;

  ConsumerGroup(String groupName, Topic... topics) {
    this.groupName = groupName;
    this.topics = List.of(topics);
  }

  /// Name within the installation; `KafkaClients#group` makes that of the brokers of it.
  public String groupName() {
    return groupName;
  }

  /// Id within the installation under which the owner of one of its partitions writes: the next
  /// owner fences the one before.
  public String transactionalId(int partition) {
    return transactionalIds() + partition;
  }

  /// What the transactional ids of its owners begin with.
  public String transactionalIds() {
    return groupName + "-";
  }

  /// Whether an installation may be whole with nobody in it.
  public boolean isOptional() {
    return switch (this) {
      case TRACES, SERVICES -> true;
      case ROUTER, DISPATCH, TRIGGER, VALUES, ORACLE -> false;
    };
  }

  /// Topics of which its members tell the brokers how far they have worked them off.
  public List<Topic> topics() {
    return topics;
  }
}
