package dev.nexus.standalone.verb;

import dev.nexus.platform.stream.KafkaClients;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/// How far those are behind that decide: the router, and the two readers of outside events. They
/// tell the broker how far they are, once a second, for this alone.
final class LagChecks {
  private static final String START = "start a platform on these brokers: ./nexus up";

  private final KafkaClients clients;
  private final Admin admin;
  private final long limit;

  /// @param limit records behind above which new work is refused
  LagChecks(KafkaClients clients, Admin admin, long limit) {
    this.clients = clients;
    this.admin = admin;
    this.limit = limit;
  }

  /// A finding for each group that somebody joined or that left something undone.
  List<Finding> all() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    for (String name : List.of("router", "dispatch", "trigger")) {
      String group = clients.group(name);
      int members = members(group);
      long waiting = waiting(group);
      if (members > 0 || waiting > 0) {
        findings.add(finding(group + " lag", members, waiting));
      }
    }
    return findings;
  }

  private Finding finding(String check, int members, long waiting) {
    if (members == 0) {
      return Finding.doubtful(
          check, Finding.count(waiting, "record") + " to read and nobody reads them", START);
    }
    String detail =
        Finding.count(waiting, "record")
            + (waiting == 1 ? " waits for " : " wait for ")
            + Finding.count(members, "reader");
    return waiting <= limit
        ? Finding.good(check, detail)
        : Finding.doubtful(
            check,
            detail + ": new work is refused above " + limit,
            "wait, or start another instance");
  }

  private int members(String group) throws InterruptedException {
    try {
      var described = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
      return described == null ? 0 : described.members().size();
    } catch (ExecutionException e) {
      return 0; // a group that nobody ever joined is not there
    }
  }

  private long waiting(String group) throws InterruptedException {
    try {
      Map<TopicPartition, OffsetAndMetadata> told =
          new HashMap<>(
              admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get());
      Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
      told.values().removeIf(Objects::isNull); // a partition of which nothing was told
      told.keySet().forEach(partition -> asked.put(partition, OffsetSpec.latest()));
      var ends = admin.listOffsets(asked);
      long waiting = 0;
      for (var entry : told.entrySet()) {
        long end = ends.partitionResult(entry.getKey()).get().offset();
        waiting += Math.max(0, end - entry.getValue().offset());
      }
      return waiting;
    } catch (ExecutionException e) {
      return 0;
    }
  }
}
