package dev.nexus.e2e;

import static dev.nexus.e2e.FalseRecord.NEVER;
import static dev.nexus.e2e.FalseRecord.STRANGER;
import static dev.nexus.e2e.FalseRecord.envelope;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.CurrentVersionSet;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.event.entity.EntityEvent.IntegrationRegistered;
import dev.nexus.event.entity.EntityEvent.IntegrationRemoved;
import dev.nexus.event.entity.EntityEvent.KeyIssued;
import dev.nexus.event.entity.EntityEvent.KeyRevoked;
import dev.nexus.event.entity.EntityEvent.TenantRegistered;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.promotion.Stage;
import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent;
import dev.nexus.event.snapshot.SnapshotEvent.PositionCovered;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// False records of the topics that are followed as a whole: definitions, entities, routes, what
/// the oracle knows, and snapshots.
final class FalseRecords {
  private static final TenantId OURS = TenantId.DEFAULT;
  private static final String CODE = "function handle(input) { return input; }";
  private static final Candidate CANDIDATE = new Candidate(1, NameIds.sha256(CODE));
  private static final Subject ECHO = new Subject("echo", "identity");
  private static final Verdict VERDICT = new Verdict(1, 0, 0.1, 0.025, 0.05, 0);
  private static final String TAKEN = "router/nexus.executions/0";

  private FalseRecords() {}

  /// @param lab the version of the application that is called meanwhile
  static List<FalseRecord> definitions(String digest, ApplicationDefinition lab) {
    Json bundle = CanonicalJson.toJson(lab);
    var nothing =
        new ApplicationDefinition("lab", "", "9", List.of(), List.of(), List.of(), Map.of());
    Json another = CanonicalJson.toJson(nothing);
    String deep = "{\"appId\":\"lab\",\"configuration\":{\"x\":" + "[".repeat(5_000);
    return List.of(
        version("a version under the key of another", "lab", digest, bundle)
            .under("default/other/" + digest, "key default/lab/" + digest + " expected"),
        version("other content of a version that is there", "lab", digest, another)
            .under("default/lab/" + digest, "a bundle of the digest"),
        version("an application in the name of another", "post", sha(bundle), bundle)
            .under("default/post/" + sha(bundle), "application post expected, found lab"),
        changed("no components", lab, all -> all.remove("components"), "components expected"),
        changed(
            "a component without a handler",
            lab,
            all -> ((ObjectNode) all.at("/components/0")).remove("handlerType"),
            "handlerType expected, found nothing"),
        changed(
            "a component without a policy",
            lab,
            all -> ((ObjectNode) all.at("/components/0")).putNull("promotion"),
            "promotion expected, found nothing"),
        changed(
            "a time that no clock can add",
            lab,
            all -> ((ObjectNode) all.at("/components/0")).put("timeout", "PT2562047788015H"),
            "timeout of 0 to 366 days expected"),
        version("nested deeper than any reader goes", "lab", "deep", new Json(deep))
            .under("default/lab/deep", "depth"),
        pointer("a pointer under another key", digest)
            .under("default/lab/" + digest, "key default/lab/current expected"),
        pointer("a pointer to a version that is none", "f".repeat(64))
            .under("default/lab/current", ""));
  }

  private record Definition(String kind, String appId, DefinitionEvent body) {
    FalseRecord under(String key, String reason) {
      var e = envelope();
      var of = Envelope.of(e.eventId(), e.occurredAt(), e.tenantId(), appId, e.actor());
      return FalseRecord.of(
          kind, Topic.DEFINITIONS, DefinitionEvent.class, key, new Event<>(of, body), reason);
    }
  }

  private static Definition version(String kind, String appId, String digest, Json bundle) {
    return new Definition(kind, appId, new VersionPublished(digest, "revision", bundle));
  }

  private static Definition pointer(String kind, String digest) {
    return new Definition(kind, "lab", new CurrentVersionSet(digest, "revision"));
  }

  private static FalseRecord changed(
      String kind, ApplicationDefinition lab, Consumer<ObjectNode> change, String reason) {
    ObjectNode bundle = (ObjectNode) CanonicalJson.read(CanonicalJson.toJson(lab));
    change.accept(bundle);
    Json changed = new Json(CanonicalJson.write(bundle));
    return version(kind, "lab", sha(changed), changed)
        .under(Keys.version(OURS, "lab", sha(changed)), reason);
  }

  private static String sha(Json bundle) {
    return NameIds.sha256(bundle.text());
  }

  /// @param keyId of the key that is used meanwhile
  /// @param integration that is used meanwhile
  static List<FalseRecord> entities(String keyId, String integration) {
    return List.of(
        entity(
            "a key under the key of another",
            OURS,
            "default/key/other",
            new KeyIssued("taken", "sha256$0", "", List.of("operator"), NEVER),
            "key default/key/taken expected"),
        entity(
            "a key of ours as that of a stranger",
            STRANGER,
            "stranger/key/" + keyId,
            new KeyIssued(keyId, "sha256$0", "", List.of("operator"), NEVER),
            "belongs to another tenant"),
        entity(
            "a key that a stranger revokes",
            STRANGER,
            "stranger/key/" + keyId,
            new KeyRevoked(keyId),
            "belongs to another tenant"),
        entity(
            "a tenant under the key of another",
            STRANGER,
            "default/tenant/default",
            new TenantRegistered("Stranger"),
            "key stranger/tenant/stranger expected"),
        entity(
            "an integration with a credential that nobody knows",
            OURS,
            "default/integration/odd",
            new IntegrationRegistered("odd", "urn:odd", "trust-me", "", ""),
            "a credential of"),
        entity(
            "an integration without a source",
            OURS,
            "default/integration/odd",
            new IntegrationRegistered("odd", "", "none", "", ""),
            "a credential of"),
        entity(
            "an integration under the key of another",
            STRANGER,
            "default/integration/" + integration,
            new IntegrationRegistered(integration, "urn:odd", "none", "", ""),
            "key stranger/integration/" + integration + " expected"),
        entity(
            "an integration that a stranger removes",
            STRANGER,
            "stranger/integration/" + integration,
            new IntegrationRemoved(integration),
            "belongs to another tenant"));
  }

  private static FalseRecord entity(
      String kind, TenantId tenant, String key, EntityEvent body, String reason) {
    var event = new Event<>(envelope(tenant, Instant.now()), body);
    return FalseRecord.of(kind, Topic.ENTITIES, EntityEvent.class, key, event, reason);
  }

  static List<FalseRecord> routes() {
    String key = Keys.component(OURS, "lab", "echo");
    return List.of(
        route("under the key of another", "default/lab/greet", CANDIDATE, CODE, 1000, "key " + key),
        route("a share above all", key, CANDIDATE, CODE, 1001, "shares of 0 to 1000"),
        route("a share below nothing", key, CANDIDATE, CODE, -1, "shares of 0 to 1000"),
        route("other code than was proven", key, CANDIDATE, "x", 1000, "source with the hash"),
        route("no code", key, CANDIDATE, "", 1000, "the source of the code"));
  }

  private static FalseRecord route(
      String kind, String key, Candidate candidate, String source, int share, String reason) {
    RouteEvent set = new RouteSet(ECHO, Stage.PROMOTED, candidate, source, share, 0, 0, "salt");
    var event = new Event<>(envelope(), set);
    return FalseRecord.of(kind, Topic.ROUTES, RouteEvent.class, key, event, reason);
  }

  static List<FalseRecord> oracle() {
    String key = Keys.component(OURS, "lab", "echo");
    return List.of(
        evidence("under the key of another", "default/lab/greet", VERDICT, "key " + key),
        evidence(
            "more disagreements than comparisons",
            key,
            new Verdict(1, 2, 0.1, 0.025, 0.05, 0),
            "no more disagreements"),
        evidence(
            "no number", key, new Verdict(1, 0, Double.NaN, 0.025, 0.05, 0), "rates of 0 to 1"),
        promotion("under the key of another", "default/lab/greet", VERDICT, "key " + key),
        promotion("a rate above one", key, new Verdict(1, 0, 0.1, 7, 0.05, 0), "rates of 0 to 1"));
  }

  private static FalseRecord evidence(String kind, String key, Verdict verdict, String reason) {
    EvidenceEvent counted =
        new ComparisonCounted(
            ECHO, CANDIDATE, "print", "execution", Phase.SEALED, Result.AGREED, "truth", verdict);
    var event = new Event<>(envelope(), counted);
    return FalseRecord.of(kind, Topic.EVIDENCE, EvidenceEvent.class, key, event, reason);
  }

  private static FalseRecord promotion(String kind, String key, Verdict verdict, String reason) {
    PromotionEvent promoted = new CandidatePromoted(ECHO, CANDIDATE, verdict);
    var event = new Event<>(envelope(), promoted);
    return FalseRecord.of(kind, Topic.PROMOTIONS, PromotionEvent.class, key, event, reason);
  }

  static List<FalseRecord> snapshots() {
    String file = "router-nexus.executions-0-1.snapshot";
    return List.of(
        taken("a file elsewhere", TAKEN + "/0", 0, 1, 0, "../cli.key", "name of a snapshot"),
        taken("no file", TAKEN + "/0", 0, 1, 0, "", "name of a snapshot"),
        taken("under the key of another", TAKEN + "/0", 1, 1, 0, file, "executions/1/0 expected"),
        taken("before the beginning", TAKEN + "/0", 0, -1, 0, file, "an offset of 0 or more"),
        taken("on no partition", TAKEN + "/0", -1, 1, 0, file, "a partition"),
        taken("an end before its beginning", TAKEN + "/0", 0, 1, 2, file, "facts from 0 or more"),
        snapshot(
            "a state without a file in the place of one",
            TAKEN + "/1",
            new PositionCovered("router", "nexus.executions", 0, Long.MAX_VALUE, "log"),
            "key " + TAKEN + " expected"));
  }

  private static FalseRecord taken(
      String kind, String key, int partition, long next, long since, String file, String reason) {
    return snapshot(
        kind,
        key,
        new SnapshotTaken(
            Owner.ROUTER.name(),
            Topic.EXECUTIONS.topicName(),
            partition,
            next,
            since,
            "log",
            1,
            file,
            NameIds.sha256(""),
            1,
            1,
            ""),
        reason);
  }

  private static FalseRecord snapshot(String kind, String key, SnapshotEvent body, String reason) {
    var event = new Event<>(envelope(), body);
    return FalseRecord.of(kind, Topic.SNAPSHOTS, SnapshotEvent.class, key, event, reason);
  }
}
