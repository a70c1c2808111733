package dev.nexus.topic;

/// How topics are laid out: on the one embedded broker, or on a cluster.
///
/// @param executionPartitions partitions of requests, executions, outcomes and tasks, all alike
public record Profile(
    int executionPartitions,
    int replyPartitions,
    int oraclePartitions,
    int replicationFactor,
    int minInSyncReplicas) {

  /// One partition each: on one broker with one router more partitions only make more and smaller
  /// writes, see docs/adr/0002-router-form.md.
  public static final Profile EMBEDDED = new Profile(1, 1, 1, 1, 1);
  public static final Profile CLUSTER = new Profile(24, 16, 4, 3, 2);

  /// The same with another number of copies; of fewer than three, one must have a record, as one
  /// broker that is away would stop all writing otherwise.
  public Profile with(int copies) {
    return new Profile(
        executionPartitions, replyPartitions, oraclePartitions, copies, copies < 3 ? 1 : 2);
  }

  public int partitions(Topic topic) {
    return switch (topic.spread()) {
      case EXECUTIONS -> executionPartitions;
      case REPLIES -> replyPartitions;
      case ORACLE -> oraclePartitions;
      case ONE -> 1;
    };
  }
}
