package dev.nexus.bench;

import dev.nexus.bench.PartProcess.Part;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;

/// How long Kafka itself takes to give to another what a killed process had.
final class TakeoverFloors {
  static final String GROUP = "bench-floor";
  static final String SHARES = "bench-floor-shares";

  /// Has as many partitions as what a router owns.
  static final Topic GROUPED = Topic.EXECUTIONS;

  /// No part of a platform of this benchmark reads it.
  static final Topic SHARED = Topic.TASKS_TOOL;

  private static final Duration POLL = Duration.ofMillis(20);

  private final KafkaClients clients;
  private final Map<String, String> settings;

  TakeoverFloors(KafkaClients clients, Map<String, String> settings) {
    this.clients = clients;
    this.settings = settings;
  }

  /// Seconds until a member of a consumer group, with the session of a router, has the partitions
  /// of one that was killed.
  double consumerGroup() throws Exception {
    String topic = clients.name(GROUPED);
    try (var survivor = clients.groupConsumer(GROUP, "bench-survivor")) {
      int all = survivor.partitionsFor(topic).size();
      survivor.subscribe(List.of(topic));
      while (survivor.assignment().size() < all) {
        survivor.poll(POLL);
      }
      // It must go on polling while the other joins: a rebalance waits for every member.
      var starting = CompletableFuture.supplyAsync(() -> start(Part.MEMBER));
      while (!starting.isDone() || survivor.assignment().size() == all) {
        survivor.poll(POLL);
      }
      try (PartProcess doomed = starting.join()) {
        long killed = doomed.kill();
        while (survivor.assignment().size() < all) {
          survivor.poll(POLL);
        }
        return (System.nanoTime() - killed) / 1e9;
      }
    }
  }

  /// Seconds until a share group gives out again what a killed member had taken.
  double shareGroup() throws Exception {
    String topic = clients.name(SHARED);
    readSharesFromTheirStart();
    try (var producer = clients.producer("bench-floor")) {
      producer.send(new ProducerRecord<>(topic, 0, "key", new byte[1])).get();
    }
    try (PartProcess doomed = start(Part.SHARER);
        var survivor = clients.strictShareConsumer(SHARES, "bench-survivor", 1)) {
      survivor.subscribe(List.of(topic));
      survivor.poll(POLL);
      long killed = doomed.kill();
      while (true) {
        for (var record : survivor.poll(POLL)) {
          double seconds = (System.nanoTime() - killed) / 1e9;
          survivor.acknowledge(record, AcknowledgeType.ACCEPT);
          survivor.commitSync();
          return seconds;
        }
      }
    }
  }

  private void readSharesFromTheirStart() throws ExecutionException, InterruptedException {
    var group = new ConfigResource(ConfigResource.Type.GROUP, clients.group(SHARES));
    var earliest =
        new AlterConfigOp(
            new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
    try (Admin admin = clients.admin()) {
      admin.incrementalAlterConfigs(Map.of(group, List.of(earliest))).all().get();
    }
  }

  private PartProcess start(Part part) {
    try {
      return PartProcess.start(part, settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + part + " started", e);
    }
  }
}
