package dev.nexus.embedded;

import java.nio.file.Path;
import java.util.Properties;

/// Settings of the embedded broker, each with its reason.
final class BrokerSettings {
  static final int NODE_ID = 1;

  private BrokerSettings() {}

  static Properties properties(Path log, int port, int controllerPort, String rack) {
    Properties p = new Properties();
    if (!rack.isEmpty()) {
      // Tells other processes whose broker this is.
      p.put("broker.rack", rack);
    }
    node(p, log, port, controllerPort);
    internalTopics(p);
    sessions(p);
    footprint(p);
    return p;
  }

  private static void node(Properties p, Path log, int port, int controllerPort) {
    p.put("process.roles", "broker,controller");
    p.put("node.id", Integer.toString(NODE_ID));
    p.put("log.dirs", log.toString());
    // A static voter list, so that the controller may have another port at every start.
    p.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
    p.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    p.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("controller.listener.names", "CONTROLLER");
    p.put("inter.broker.listener.name", "PLAINTEXT");
    // Topics come from the table in event-schemas and nowhere else.
    p.put("auto.create.topics.enable", "false");
    // A request body of the largest size allowed, wrapped and escaped, must fit.
    p.put("message.max.bytes", "8388608");
  }

  private static void internalTopics(Properties p) {
    p.put("offsets.topic.replication.factor", "1");
    p.put("offsets.topic.num.partitions", "4");
    p.put("transaction.state.log.replication.factor", "1");
    p.put("transaction.state.log.min.isr", "1");
    p.put("transaction.state.log.num.partitions", "4");
    p.put("share.coordinator.state.topic.replication.factor", "1");
    p.put("share.coordinator.state.topic.min.isr", "1");
    p.put("share.coordinator.state.topic.num.partitions", "4");
  }

  /// After kill -9 the dead incarnation's memberships have to expire before the new one is served.
  private static void sessions(Properties p) {
    p.put("group.initial.rebalance.delay.ms", "0");
    p.put("group.min.session.timeout.ms", "1000");
    // The broker's own registration: defaults make a restart after kill -9 wait 9 s longer.
    p.put("broker.session.timeout.ms", "2000");
    p.put("broker.heartbeat.interval.ms", "200");
    // A dead share member keeps its partitions for 45 s by default.
    p.put("group.share.min.session.timeout.ms", "1000");
    p.put("group.share.session.timeout.ms", "2000");
    // A new share member gets its first record after one heartbeat and one assignment.
    p.put("group.share.min.heartbeat.interval.ms", "200");
    p.put("group.share.heartbeat.interval.ms", "200");
    p.put("group.share.assignment.interval.ms", "100");
    p.put("group.share.min.record.lock.duration.ms", "1000");
    // An acknowledgement is lost now and then under load. Its records come again after this time;
    // until then the lane reads on for as many records as may be in flight, and stands beyond. With
    // the defaults (30 s, 2,000 records) a busy lane stood still for half a minute.
    p.put("group.share.record.lock.duration.ms", "5000");
    p.put("group.share.max.partition.max.record.locks", "10000");
    p.put("group.share.partition.max.record.locks", "10000");
    // The next transaction of a producer waits for the end of its last one in steps of this.
    p.put("add.partitions.to.txn.retry.backoff.ms", "1");
  }

  private static void footprint(Properties p) {
    // The default allocates 128 MB for the cleaner of compacted topics.
    p.put("log.cleaner.dedupe.buffer.size", "2097152");
    p.put("num.network.threads", "3");
    p.put("num.io.threads", "4");
    p.put("num.recovery.threads.per.data.dir", "2");
    // One replica, nothing to balance.
    p.put("auto.leader.rebalance.enable", "false");
  }
}
