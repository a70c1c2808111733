package dev.nexus.command.access;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
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
import dev.nexus.wire.UnreadableRecordException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Every integration of the installation, followed from `nexus.entities`, and the way to change
/// them. An id and a source belong to one application each.
public final class Integrations implements NexusService {
  private static final String KIND = "integration";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final EventCodec<EntityEvent> codec = EventCodec.of(Topic.ENTITIES, EntityEvent.class);
  private final Map<String, Integration> byId = new ConcurrentHashMap<>();
  private final Map<String, Integration> bySource = new ConcurrentHashMap<>();
  private final TopicFollower<EntityEvent> follower;
  private final EventProducer producer;
  private final EdgeIds ids;
  private final Clock clock;
  private final ReentrantLock changes = new ReentrantLock();
  private final Object changed = new Object();

  public Integrations(
      KafkaClients clients, EventProducer producer, DeadLetters deadLetters, Clock clock) {
    this.producer = producer;
    this.ids = new EdgeIds(clock);
    this.clock = clock;
    this.follower =
        new TopicFollower<>(
            clients,
            codec,
            "integrations",
            deadLetters,
            (key, event, partition, offset) -> take(key, event));
  }

  @Override
  public String name() {
    return "integrations";
  }

  @Override
  public void start() {
    follower.start();
  }

  @Override
  public void awaitReady(Duration patience) {
    follower.awaitCaughtUp(patience);
  }

  /// Waits until all that is registered now is known here; throws `NotReadInTimeException` when
  /// `patience` runs out.
  public void awaitCurrent(Duration patience) {
    follower.awaitCurrent(patience);
  }

  @Override
  public boolean healthy() {
    return follower.healthy();
  }

  public Optional<Integration> byId(String integrationId) {
    return Optional.ofNullable(byId.get(integrationId));
  }

  public Optional<Integration> bySource(String source) {
    return Optional.ofNullable(bySource.get(source));
  }

  /// Every source there is, of all tenants: for the eyes of operators.
  public Set<String> sources() {
    return Set.copyOf(bySource.keySet());
  }

  /// Integrations of a tenant.
  public List<Integration> of(TenantId tenant) {
    return byId.values().stream().filter(i -> i.tenant().equals(tenant)).toList();
  }

  /// Integrations that an application registered, by id.
  public List<Integration> of(TenantId tenant, String appId) {
    return byId.values().stream()
        .filter(i -> i.tenant().equals(tenant) && i.appId().equals(appId))
        .sorted(Comparator.comparing(Integration::integrationId))
        .toList();
  }

  /// Does `change` while nobody else changes integrations through this instance, so that what
  /// `conflict` says holds until it has registered.
  public <T> T exclusively(Supplier<T> change) {
    changes.lock();
    try {
      return change.get();
    } finally {
      changes.unlock();
    }
  }

  /// Why this integration cannot be registered once `leaving` are gone; empty when it can.
  public Optional<String> conflict(Integration wanted, List<Integration> leaving) {
    Optional<Integration> sameId = byId(wanted.integrationId()).filter(i -> !sameOwner(i, wanted));
    if (sameId.isPresent()) {
      return Optional.of(
          "the integration id "
              + wanted.integrationId()
              + " belongs to "
              + owner(sameId.get(), wanted, "application " + sameId.get().appId()));
    }
    return bySource(wanted.source())
        .filter(i -> !i.integrationId().equals(wanted.integrationId()) && !leaving.contains(i))
        .map(
            i ->
                "the source "
                    + wanted.source()
                    + " belongs to "
                    + owner(
                        i,
                        wanted,
                        "integration " + i.integrationId() + " of application " + i.appId()));
  }

  /// Nobody is told what another tenant has.
  private static String owner(Integration taken, Integration wanted, String name) {
    return taken.tenant().equals(wanted.tenant()) ? name : "another tenant";
  }

  /// Registers an integration and waits until it is seen here; one that is there already is left as
  /// it is. False when it is written and not seen yet.
  public boolean register(Integration integration, String actor) {
    if (byId(integration.integrationId()).filter(integration::equals).isPresent()) {
      return true;
    }
    append(
        integration,
        actor,
        new IntegrationRegistered(
            integration.integrationId(),
            integration.source(),
            integration.credentialKind(),
            integration.secretRef(),
            integration.format()));
    return await(() -> byId(integration.integrationId()).filter(integration::equals).isPresent());
  }

  /// Removes an integration and waits until it is gone here; false when that takes too long.
  public boolean remove(Integration integration, String actor) {
    append(integration, actor, new IntegrationRemoved(integration.integrationId()));
    return await(() -> byId(integration.integrationId()).isEmpty());
  }

  private static boolean sameOwner(Integration one, Integration other) {
    return one.tenant().equals(other.tenant()) && one.appId().equals(other.appId());
  }

  private void append(Integration integration, String actor, EntityEvent event) {
    var envelope =
        Envelope.of(ids.next(), clock.instant(), integration.tenant(), integration.appId(), actor);
    String key = recordKey(integration.tenant(), integration.integrationId());
    producer.append(codec, key, new Event<>(envelope, event));
  }

  private boolean await(BooleanSupplier visible) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (changed) {
      while (!visible.getAsBoolean()) {
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

  private static String recordKey(TenantId tenant, String id) {
    return Keys.entity(tenant, KIND, id);
  }

  private void take(String recordKey, @Nullable Event<EntityEvent> event) {
    if (event == null) {
      return;
    }
    Envelope envelope = event.envelope();
    synchronized (changed) {
      switch (event.body()) {
        case IntegrationRegistered registered -> {
          RecordKey.require(recordKey(envelope.tenantId(), registered.integrationId()), recordKey);
          put(integration(envelope, registered));
        }
        case IntegrationRemoved(var id) -> {
          RecordKey.require(recordKey(envelope.tenantId(), id), recordKey);
          requireTenant(envelope.tenantId(), id);
          drop(byId.remove(id));
        }
        case TenantRegistered _, KeyIssued _, KeyRevoked _ -> {}
      }
      changed.notifyAll();
    }
  }

  /// Throws `UnreadableRecordException` for one that nobody could register: one with a
  /// credential that is not known would be let in without any.
  private Integration integration(Envelope envelope, IntegrationRegistered registered) {
    String id = registered.integrationId();
    String kind = registered.credentialKind();
    String format = IntegrationDefinition.formatOf(kind, registered.format());
    if (id.isEmpty()
        || !IntegrationDefinition.isSource(registered.source())
        || !IntegrationDefinition.CREDENTIALS.contains(kind)
        || !IntegrationDefinition.formatFault(kind, format).isEmpty()) {
      throw new UnreadableRecordException(
          "an integration with an id, a source, a credential of "
              + IntegrationDefinition.CREDENTIALS
              + " and a format for it expected, found "
              + registered);
    }
    return new Integration(
        envelope.tenantId(),
        envelope.appId(),
        id,
        registered.source(),
        kind,
        registered.secretRef(),
        format);
  }

  /// Throws `UnreadableRecordException` for the integration of another tenant.
  private void requireTenant(TenantId tenant, String id) {
    if (byId(id).filter(known -> !known.tenant().equals(tenant)).isPresent()) {
      throw new UnreadableRecordException("the integration " + id + " belongs to another tenant");
    }
  }

  private void put(Integration integration) {
    Integration earlier = byId.put(integration.integrationId(), integration);
    if (earlier != null && !earlier.source().equals(integration.source())) {
      drop(earlier);
    }
    bySource.put(integration.source(), integration);
  }

  /// Two instances may have given one source to two integrations at the same moment: while one of
  /// them is left, the source is its own.
  private void drop(@Nullable Integration gone) {
    if (gone == null) {
      return;
    }
    byId.values().stream()
        .filter(i -> i.source().equals(gone.source()))
        .findFirst()
        .ifPresentOrElse(
            other -> bySource.put(gone.source(), other), () -> bySource.remove(gone.source()));
  }

  @Override
  public void close() {
    follower.close();
  }
}
