package dev.nexus.platform.catalog;

import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.CurrentVersionSet;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicFollower;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Every published version of every application, by digest, and which one is current.
public final class DefinitionCatalog implements AutoCloseable {
  /// A version of an application.
  public record Version(
      TenantId tenant, String digest, String revision, ApplicationDefinition application) {}

  private final Map<String, Version> byDigest = new ConcurrentHashMap<>();
  private final Map<String, String> currentDigest = new ConcurrentHashMap<>();
  private final List<Consumer<Version>> arrivals = new CopyOnWriteArrayList<>();
  private final List<Consumer<Version>> switches = new CopyOnWriteArrayList<>();
  private final TopicFollower<DefinitionEvent> follower;

  public DefinitionCatalog(KafkaClients clients, String serviceName, DeadLetters deadLetters) {
    this.follower =
        new TopicFollower<>(
            clients,
            EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class),
            serviceName,
            deadLetters,
            (key, event, partition, offset) -> take(event));
  }

  public DefinitionCatalog start() {
    follower.start();
    return this;
  }

  public void awaitCaughtUp(Duration patience) {
    follower.awaitCaughtUp(patience);
  }

  /// Calls `listener` whenever a version becomes known (on the follower's thread).
  public void onArrival(Consumer<Version> listener) {
    arrivals.add(listener);
  }

  public void removeArrivalListener(Consumer<Version> listener) {
    arrivals.remove(listener);
  }

  /// Calls `listener` whenever a version becomes the current one (on the follower's thread).
  public void onSwitch(Consumer<Version> listener) {
    switches.add(listener);
  }

  public Optional<Version> version(TenantId tenant, String appId, String digest) {
    return Optional.ofNullable(byDigest.get(Keys.version(tenant, appId, digest)));
  }

  public Optional<Version> current(TenantId tenant, String appId) {
    String digest = currentDigest.get(Keys.currentVersion(tenant, appId));
    return digest == null ? Optional.empty() : version(tenant, appId, digest);
  }

  /// Current versions of all applications of a tenant, by application id.
  public List<Version> current(TenantId tenant) {
    return currentDigest.entrySet().stream()
        .filter(e -> e.getKey().startsWith(tenant + "/"))
        .map(e -> byDigest.get(versionKey(e.getKey(), e.getValue())))
        .filter(java.util.Objects::nonNull)
        .sorted(java.util.Comparator.comparing(v -> v.application().appId()))
        .toList();
  }

  private static String versionKey(String pointerKey, String digest) {
    return pointerKey.substring(0, pointerKey.lastIndexOf('/') + 1) + digest;
  }

  private void take(@Nullable Event<DefinitionEvent> event) {
    if (event == null) {
      return;
    }
    TenantId tenant = event.envelope().tenantId();
    String appId = event.envelope().appId();
    switch (event.body()) {
      case VersionPublished(var digest, var revision, var bundle) -> {
        var application = CanonicalJson.fromJson(bundle, ApplicationDefinition.class);
        Version version = new Version(tenant, digest, revision, application);
        byDigest.put(Keys.version(tenant, appId, digest), version);
        arrivals.forEach(listener -> listener.accept(version));
      }
      case CurrentVersionSet(var digest, var revision) -> {
        currentDigest.put(Keys.currentVersion(tenant, appId), digest);
        version(tenant, appId, digest)
            .ifPresent(version -> switches.forEach(listener -> listener.accept(version)));
      }
    }
  }

  @Override
  public void close() {
    follower.close();
  }
}
