package dev.nexus.platform.security;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.event.audit.AuditEvent.ActionTaken;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;

/// Writes who did or was refused what. These methods return when the log has it; when it cannot be
/// written they throw `RequestNotAcceptedException`, so that nothing is refused or granted unseen.
public final class AuditTrail {
  /// Actor of a call whose key could not be read.
  public static final String ANONYMOUS = "anonymous";

  private final EventCodec<AuditEvent> codec = EventCodec.of(Topic.AUDIT_INTENTS, AuditEvent.class);
  private final EventProducer producer;
  private final EdgeIds ids;
  private final Clock clock;

  public AuditTrail(EventProducer producer, Clock clock) {
    this.producer = producer;
    this.ids = new EdgeIds(clock);
    this.clock = clock;
  }

  void denied(TenantId tenant, String actor, AccessDenied denial) {
    append(tenant, actor, denial);
  }

  public void taken(TenantId tenant, String actor, String action, String resource) {
    append(tenant, actor, new ActionTaken(action, resource));
  }

  /// As `denied`, without waiting for the log.
  CompletableFuture<Void> send(TenantId tenant, String actor, AccessDenied denial) {
    return producer.send(codec, key(tenant, actor), event(tenant, actor, denial));
  }

  private void append(TenantId tenant, String actor, AuditEvent event) {
    producer.append(codec, key(tenant, actor), event(tenant, actor, event));
  }

  private static String key(TenantId tenant, String actor) {
    return tenant + "/" + actor;
  }

  private Event<AuditEvent> event(TenantId tenant, String actor, AuditEvent event) {
    return new Event<>(Envelope.of(ids.next(), clock.instant(), tenant, "", actor), event);
  }
}
