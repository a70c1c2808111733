package dev.nexus.command.access;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.event.entity.EntityEvent.IntegrationRegistered;
import dev.nexus.event.entity.EntityEvent.IntegrationRemoved;
import dev.nexus.event.entity.EntityEvent.KeyIssued;
import dev.nexus.event.entity.EntityEvent.KeyRevoked;
import dev.nexus.event.entity.EntityEvent.TenantRegistered;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicFollower;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordKey;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// The tenants of the installation, followed from `nexus.entities`, and the way to register one.
/// The first one, `default`, needs no registration.
public final class Tenants implements NexusService {
  private static final String KIND = "tenant";

  private final EventCodec<EntityEvent> codec = EventCodec.of(Topic.ENTITIES, EntityEvent.class);
  private final Map<String, String> names = new ConcurrentSkipListMap<>();
  private final TopicFollower<EntityEvent> follower;
  private final EventProducer producer;
  private final EdgeIds ids;
  private final Clock clock;

  public Tenants(
      KafkaClients clients, EventProducer producer, DeadLetters deadLetters, Clock clock) {
    this.producer = producer;
    this.ids = new EdgeIds(clock);
    this.clock = clock;
    this.names.put(TenantId.DEFAULT.value(), TenantId.DEFAULT.value());
    this.follower =
        new TopicFollower<>(
            clients,
            codec,
            "tenants",
            deadLetters,
            (key, event, partition, offset) -> take(key, event));
  }

  @Override
  public String name() {
    return "tenants";
  }

  @Override
  public void start() {
    follower.start();
  }

  @Override
  public void awaitReady(Duration patience) {
    follower.awaitCaughtUp(patience);
  }

  @Override
  public boolean healthy() {
    return follower.healthy();
  }

  /// Names for people, by id.
  public Map<String, String> names() {
    return new TreeMap<>(names);
  }

  /// Registers a tenant, or gives one another name. Returns when the log has it.
  public void register(TenantId tenant, String displayName, String actor) {
    var envelope = Envelope.of(ids.next(), clock.instant(), tenant, "", actor);
    producer.append(
        codec, recordKey(tenant), new Event<>(envelope, new TenantRegistered(displayName)));
    names.put(tenant.value(), displayName);
  }

  private static String recordKey(TenantId tenant) {
    return Keys.entity(tenant, KIND, tenant.value());
  }

  private void take(String recordKey, @Nullable Event<EntityEvent> event) {
    if (event == null) {
      return;
    }
    switch (event.body()) {
      case TenantRegistered(var displayName) -> {
        TenantId tenant = event.envelope().tenantId();
        RecordKey.require(recordKey(tenant), recordKey);
        names.put(tenant.value(), displayName);
      }
      case KeyIssued _, KeyRevoked _, IntegrationRegistered _, IntegrationRemoved _ -> {}
    }
  }

  @Override
  public void close() {
    follower.close();
  }
}
