package dev.nexus.platform.security;

import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.event.entity.EntityEvent.IntegrationRegistered;
import dev.nexus.event.entity.EntityEvent.IntegrationRemoved;
import dev.nexus.event.entity.EntityEvent.KeyIssued;
import dev.nexus.event.entity.EntityEvent.KeyRevoked;
import dev.nexus.event.entity.EntityEvent.TenantRegistered;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicFollower;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordKey;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Every key of the installation, followed from `nexus.entities`: a key issued or revoked anywhere
/// counts here as soon as its record arrives, milliseconds later.
public final class KeyRing implements NexusService {
  /// A key as it is listed; its secret is known to its owner only.
  public record IssuedKey(
      TenantId tenant,
      String keyId,
      String description,
      List<Scope> scopes,
      Instant issuedAt,
      Instant expiresAt) {}

  /// What is known of a presented key.
  public sealed interface Verdict {
    record Valid(Principal principal) implements Verdict {}

    /// `reason` is one of no-key, unknown-key, revoked, expired, pass-ended; `keyId` is "" when
    /// unreadable.
    record Invalid(String reason, String keyId) implements Verdict {}
  }

  private record Entry(IssuedKey key, String hash) {}

  private final Map<String, Entry> active = new ConcurrentHashMap<>();

  /// Kept for ever, some hundred bytes a key: a key revoked once must never be taken again.
  private final Map<String, TenantId> revoked = new ConcurrentHashMap<>();

  private final TopicFollower<EntityEvent> follower;
  private final Clock clock;
  private final Object changed = new Object();

  public KeyRing(KafkaClients clients, DeadLetters deadLetters, Clock clock) {
    this.clock = clock;
    this.follower =
        new TopicFollower<>(
            clients,
            EventCodec.of(Topic.ENTITIES, EntityEvent.class),
            "key-ring",
            deadLetters,
            (key, event, partition, offset) -> take(key, event));
  }

  @Override
  public String name() {
    return "key-ring";
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

  /// Checks a key as presented; "" means that none was.
  public Verdict verify(String presented) {
    if (presented.isEmpty()) {
      return new Verdict.Invalid("no-key", "");
    }
    Optional<ApiKey> parsed = ApiKey.parse(presented);
    if (parsed.isEmpty()) {
      return new Verdict.Invalid("unknown-key", "");
    }
    String keyId = parsed.get().keyId();
    Entry entry = active.get(keyId);
    if (entry == null) {
      return new Verdict.Invalid(revoked.containsKey(keyId) ? "revoked" : "unknown-key", keyId);
    }
    if (!parsed.get().matches(entry.hash())) {
      return new Verdict.Invalid("unknown-key", keyId);
    }
    IssuedKey key = entry.key();
    return clock.instant().isBefore(key.expiresAt())
        ? new Verdict.Valid(Principal.ofKey(key.tenant(), keyId, key.scopes()))
        : new Verdict.Invalid("expired", keyId);
  }

  /// Whether what somebody was let in by earlier is still good: neither revoked nor expired.
  public boolean holds(Principal principal) {
    return switch (principal.kind()) {
      case EXECUTION, SERVICE -> clock.instant().isBefore(principal.until());
      case KEY ->
          key(principal.tenant(), principal.id())
              .filter(key -> clock.instant().isBefore(key.expiresAt()))
              .isPresent();
    };
  }

  /// Keys of a tenant that are not revoked, oldest first.
  public List<IssuedKey> keys(TenantId tenant) {
    return active.values().stream()
        .map(Entry::key)
        .filter(key -> key.tenant().equals(tenant))
        .sorted(Comparator.comparing(IssuedKey::issuedAt).thenComparing(IssuedKey::keyId))
        .toList();
  }

  public Optional<IssuedKey> key(TenantId tenant, String keyId) {
    return Optional.ofNullable(active.get(keyId))
        .map(Entry::key)
        .filter(key -> key.tenant().equals(tenant));
  }

  /// Waits until a key just issued (`present`) or revoked here is seen; false when it takes too
  /// long.
  public boolean await(String keyId, boolean present, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (changed) {
      while (active.containsKey(keyId) != present) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        try {
          changed.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      return true;
    }
  }

  /// Only the follower's thread comes here. A revoked key never comes back, and a key that is in
  /// use belongs to one tenant: another one can neither take it over nor revoke it.
  private void take(String recordKey, @Nullable Event<EntityEvent> event) {
    if (event == null) {
      return;
    }
    TenantId tenant = event.envelope().tenantId();
    synchronized (changed) {
      switch (event.body()) {
        case KeyIssued issued -> {
          requireOwn(recordKey, tenant, issued.keyId());
          if (!revoked.containsKey(issued.keyId())) {
            active.put(issued.keyId(), entry(tenant, event.envelope().occurredAt(), issued));
          }
        }
        case KeyRevoked(var keyId) -> {
          requireOwn(recordKey, tenant, keyId);
          active.remove(keyId);
          revoked.put(keyId, tenant);
        }
        case TenantRegistered _, IntegrationRegistered _, IntegrationRemoved _ -> {}
      }
      changed.notifyAll();
    }
  }

  private void requireOwn(String recordKey, TenantId tenant, String keyId) {
    RecordKey.require(ApiKeys.recordKey(tenant, keyId), recordKey);
    Entry known = active.get(keyId);
    if (known != null && !known.key().tenant().equals(tenant)) {
      throw new UnreadableRecordException("the key " + keyId + " belongs to another tenant");
    }
  }

  private static Entry entry(TenantId tenant, Instant issuedAt, KeyIssued issued) {
    return new Entry(
        new IssuedKey(
            tenant,
            issued.keyId(),
            issued.description(),
            scopes(issued),
            issuedAt,
            issued.expiresAt()),
        issued.keyHash());
  }

  private static List<Scope> scopes(KeyIssued issued) {
    try {
      return issued.scopes().stream().map(Scope::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new UnreadableRecordException(
          "key " + issued.keyId() + " has a scope nobody knows: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    follower.close();
  }
}
