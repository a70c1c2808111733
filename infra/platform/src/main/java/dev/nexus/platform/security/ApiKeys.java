package dev.nexus.platform.security;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.event.entity.EntityEvent.KeyIssued;
import dev.nexus.event.entity.EntityEvent.KeyRevoked;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Issues and revokes keys. Each call returns when the log has the change and its audit record, and
/// throws `RequestNotAcceptedException` when the log does not take them.
public final class ApiKeys {
  /// A new key: the only moment its secret can be seen.
  public record NewKey(ApiKey key, List<Scope> scopes, Instant expiresAt) {}

  private static final String KIND = "key";

  private final EventCodec<EntityEvent> codec = EventCodec.of(Topic.ENTITIES, EntityEvent.class);
  private final SecureRandom random = new SecureRandom();
  private final EventProducer producer;
  private final AuditTrail audit;
  private final EdgeIds ids;
  private final Clock clock;

  public ApiKeys(EventProducer producer, Clock clock) {
    this.producer = producer;
    this.audit = new AuditTrail(producer, clock);
    this.ids = new EdgeIds(clock);
    this.clock = clock;
  }

  /// Makes a key that lasts for `life`; `actor` is who asked for it, such as `key:<id>`.
  public NewKey issue(
      TenantId tenant, String actor, String description, List<Scope> scopes, Duration life) {
    if (scopes.isEmpty()) {
      throw new IllegalArgumentException("a key needs at least one scope");
    }
    if (!life.isPositive()) {
      throw new IllegalArgumentException("a key must live for some time, found " + life);
    }
    ApiKey key = ApiKey.generate(random);
    Instant expiresAt = clock.instant().plus(life);
    List<String> words = scopes.stream().map(Scope::toString).toList();
    append(
        tenant,
        actor,
        key.keyId(),
        new KeyIssued(key.keyId(), key.hash(), description, words, expiresAt));
    audit.taken(tenant, actor, "key-issued", "key:" + key.keyId() + " " + words);
    return new NewKey(key, List.copyOf(scopes), expiresAt);
  }

  /// Ends a key at once and for good.
  public void revoke(TenantId tenant, String actor, String keyId) {
    append(tenant, actor, keyId, new KeyRevoked(keyId));
    audit.taken(tenant, actor, "key-revoked", "key:" + keyId);
  }

  private void append(TenantId tenant, String actor, String keyId, EntityEvent event) {
    var envelope = Envelope.of(ids.next(), clock.instant(), tenant, "", actor);
    producer.append(codec, recordKey(tenant, keyId), new Event<>(envelope, event));
  }

  /// Key of the records about a key.
  static String recordKey(TenantId tenant, String keyId) {
    return Keys.entity(tenant, KIND, keyId);
  }
}
