package dev.nexus.command.topology;

import dev.nexus.command.execution.Plan;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicFollower;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordKey;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Who serves each component now, and the source of every candidate a route has named.
final class Routes implements AutoCloseable {
  private final Map<String, Plan.Route> byComponent = new ConcurrentHashMap<>();
  private final Map<String, String> sources = new ConcurrentHashMap<>();
  private final TopicFollower<RouteEvent> follower;

  Routes(KafkaClients clients, DeadLetters deadLetters) {
    this.follower =
        new TopicFollower<>(
            clients,
            EventCodec.of(Topic.ROUTES, RouteEvent.class),
            "router",
            deadLetters,
            (key, event, partition, offset) -> take(key, event, offset));
  }

  void start() {
    follower.start();
  }

  void awaitCaughtUp(Duration patience) {
    follower.awaitCaughtUp(patience);
  }

  /// Whether what is known here is up to date.
  boolean healthy() {
    return follower.healthy();
  }

  /// @param key tenant/app/component
  Optional<Plan.Route> of(String key) {
    return Optional.ofNullable(byComponent.get(key));
  }

  /// Source of generated code by its hash; "" for none and for code no route names any more.
  String source(String candidateHash) {
    return candidateHash.isEmpty() ? "" : sources.getOrDefault(candidateHash, "");
  }

  private void take(String key, @Nullable Event<RouteEvent> event, long offset) {
    if (event == null) {
      byComponent.remove(key);
      return;
    }
    switch (event.body()) {
      case RouteSet set -> {
        Envelope envelope = event.envelope();
        RecordKey.require(
            Keys.component(envelope.tenantId(), envelope.appId(), set.subject().component()), key);
        UnreadableRecordException.refuse(set.fault());
        if (!set.source().isEmpty()) {
          sources.put(set.candidate().candidateHash(), set.source());
        }
        byComponent.put(key, new Plan.Route(set, offset));
      }
    }
  }

  @Override
  public void close() {
    follower.close();
  }
}
