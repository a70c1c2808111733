package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Doc;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.task.Tier;
import dev.nexus.platform.docs.ProblemBody.FaultBody;
import dev.nexus.platform.docs.Shape;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the write side answers, for its description; tests hold every answer to it.
final class AnswerShapes {
  private AnswerShapes() {}

  record Applied(
      String app,
      @Doc("Of the version's content.") String digest,
      String revision,
      @Doc("False when this version was current already.") boolean changed,
      @Doc("Names the version, for `after`.") String token,
      @Doc("Ids of its triggers.") List<String> triggers,
      @Doc("Sources that it registers.") List<String> sources,
      @Doc("What has no effect, and why.") Optional<List<String>> remarks) {}

  record ApplicationSummary(
      String app, String displayName, String version, String digest, String revision) {}

  record Applications(List<ApplicationSummary> apps) {}

  record ApplicationDetails(
      String app,
      String displayName,
      String version,
      String digest,
      String revision,
      List<Component> components,
      List<Trigger> triggers) {}

  record Component(
      String componentId,
      String description,
      HandlerType handlerType,
      @Doc("Of all that its answers depend on.") String identityDigest,
      @Doc("`auto` or `off`.") String promotion,
      JsonNode inputSchema,
      JsonNode outputSchema) {}

  record Trigger(String triggerId, String eventType, String source, String component) {}

  record IntegrationShown(
      String integrationId,
      String source,
      String credentialKind,
      String secretRef,
      String format,
      @Doc("Path where it delivers, when it has a credential.") Optional<String> hook,
      @Doc("What keeps it from delivering there, such as a secret that is missing.")
          Optional<String> remark) {}

  record Integrations(List<IntegrationShown> integrations) {}

  record Result(
      String executionId,
      @Doc("`succeeded`.") String status,
      @Doc("What the component answered, any JSON.") JsonNode output,
      @Doc("What answered.") @Shape(lower = true) Tier tier,
      @Doc("Names its last fact, for `after`.") String token) {}

  record Running(
      String executionId,
      @Doc("`running`.") String status,
      @Doc("Names its first fact, for `after`.") String token) {}

  record Commanded(
      String executionId,
      @Doc("What became of the command.") String status,
      @Doc("Names the fact that says so, for `after`.") Optional<String> token,
      @Doc("How a released execution ended.") Optional<String> end) {}

  record AcceptedEvent(String id, String source) {}

  record AcceptedEvents(
      @Doc("Those on the disk of the log.") List<AcceptedEvent> accepted,
      @Doc("Faults of those that were not taken.") Optional<List<FaultBody>> errors) {}

  record IssuedKeyShown(
      String keyId,
      @Doc("The key itself, shown this once.") String key,
      String description,
      Instant expiresAt,
      List<String> scopes,
      @Doc("Scopes on applications that there are not.") Optional<List<String>> remarks) {}

  record KeyShown(
      String keyId, String description, Instant issuedAt, Instant expiresAt, List<String> scopes) {}

  record Keys(List<KeyShown> keys) {}

  record Revoking(String keyId, @Doc("`revoking`.") String status) {}

  record RegisteredTenant(
      String tenantId,
      String displayName,
      String keyId,
      @Doc("The tenant's first key, an operator's, shown this once.") String key,
      Instant expiresAt) {}

  record TenantShown(String tenantId, String displayName) {}

  record Tenants(List<TenantShown> tenants) {}

  record DeadLetterSummary(
      @Doc("`TOPIC-PARTITION@OFFSET`.") String id,
      String topic,
      int partition,
      long offset,
      @Doc("Who put it aside.") String service,
      @Doc("Why; of a long one the first 1,000 characters.") String reason,
      Instant at,
      @Doc("Of its value.") long bytes,
      @Doc("Whether it can be written again.") boolean replayable,
      @Doc("Why it cannot, and what to do instead.") Optional<String> refusal,
      Optional<Instant> replayedAt,
      Optional<String> replayedBy) {}

  record DeadLetterDetails(
      @Doc("`TOPIC-PARTITION@OFFSET`.") String id,
      String topic,
      int partition,
      long offset,
      String service,
      String reason,
      Instant at,
      long bytes,
      boolean replayable,
      Optional<String> refusal,
      Optional<Instant> replayedAt,
      Optional<String> replayedBy,
      @Doc("Texts; `{\"base64\": …}` what is none.") Map<String, JsonNode> headers,
      @Doc("A text, or `{\"base64\": …}`.") JsonNode key,
      @Doc("A text, or `{\"base64\": …}`.") JsonNode value,
      @Doc("Whether the letter has only the first MiB of the value.") boolean truncated) {}

  record DeadLetters(
      List<DeadLetterSummary> deadLetters,
      @Doc("Records among them that are no letters, and are passed over.") Optional<Integer> strays,
      Optional<Stray> newestStray,
      @Doc("`before` of the next page.") Optional<Long> next) {}

  record Stray(String record, String reason) {}

  record Replayed(String id, @Doc("`replayed`.") String status) {}

  record NotReplayed(
      String id,
      @Doc("Why not.") String error,
      @Doc("When it was replayed before; `again` writes it once more.")
          Optional<Instant> replayedAt) {}

  record Replays(List<Replayed> replayed, List<NotReplayed> refused) {}
}
