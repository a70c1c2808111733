package dev.nexus.projector.application;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.CurrentVersionSet;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.event.definition.PublishedVersion;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Views;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordKey;
import dev.nexus.wire.UnreadableRecordException;
import java.util.List;
import java.util.Map;

/// Folds `nexus.definitions`: the versions of every application and which is current. The topic is
/// compacted: everything kept is last-wins by the record's key, and a deleted key is taken out.
public final class ApplicationFold implements Fold<DefinitionEvent> {
  private static final EventCodec<DefinitionEvent> CODEC =
      EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class);
  private static final String CURRENT = "current";

  @Override
  public EventCodec<DefinitionEvent> codec() {
    return CODEC;
  }

  @Override
  public int layout() {
    return 2;
  }

  @Override
  public void check(Fact<DefinitionEvent> fact) {
    Envelope envelope = fact.event().envelope();
    TenantId tenant = envelope.tenantId();
    String key =
        switch (fact.event().body()) {
          case VersionPublished version -> {
            application(envelope, version);
            yield Keys.version(tenant, envelope.appId(), version.digest());
          }
          case CurrentVersionSet _ -> Keys.currentVersion(tenant, envelope.appId());
        };
    RecordKey.require(key, fact.recordKey());
  }

  @Override
  public List<Key> reads(Fact<DefinitionEvent> fact) {
    return List.of();
  }

  @Override
  public List<Mutation> fold(Fact<DefinitionEvent> fact, Views views) {
    Envelope envelope = fact.event().envelope();
    return switch (fact.event().body()) {
      case VersionPublished version ->
          List.of(
              new Mutation.PutFields(
                  ApplicationNames.versions(envelope.tenantId(), envelope.appId()),
                  Map.of(version.digest(), summary(envelope, version))));
      case CurrentVersionSet(var digest, _) ->
          List.of(
              new Mutation.PutFields(
                  ApplicationNames.current(envelope.tenantId()), Map.of(envelope.appId(), digest)));
    };
  }

  @Override
  public List<Mutation> deleted(String recordKey) {
    String[] parts = recordKey.split("/", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException(
          "key tenant/app/digest or tenant/app/current expected, found '" + recordKey + "'");
    }
    TenantId tenant = new TenantId(parts[0]);
    return List.of(
        parts[2].equals(CURRENT)
            ? new Mutation.RemoveField(ApplicationNames.current(tenant), parts[1])
            : new Mutation.RemoveField(ApplicationNames.versions(tenant, parts[1]), parts[2]));
  }

  private static ApplicationDefinition application(Envelope envelope, VersionPublished version) {
    try {
      return PublishedVersion.read(envelope.appId(), version);
    } catch (IllegalArgumentException e) {
      throw new UnreadableRecordException("version " + version.digest() + ": " + e.getMessage(), e);
    }
  }

  private static String summary(Envelope envelope, VersionPublished version) {
    ApplicationDefinition application = application(envelope, version);
    ObjectNode summary = JsonNodeFactory.instance.objectNode();
    summary.put("app", application.appId());
    summary.put("displayName", application.displayName());
    summary.put("version", application.version());
    summary.put("digest", version.digest());
    summary.put("revision", version.revision());
    summary.put("publishedAt", envelope.occurredAt().toString());
    summary.put("publishedBy", envelope.actor());
    var components = summary.putArray("components");
    for (ComponentDefinition component : application.components()) {
      ObjectNode one = components.addObject();
      one.put("component", component.componentId());
      one.put("description", component.description());
      one.put("handlerType", component.handlerType().name());
      one.put("identityDigest", component.identityDigest());
      one.put("promotion", component.promotion().mode());
    }
    return CanonicalJson.write(summary);
  }
}
