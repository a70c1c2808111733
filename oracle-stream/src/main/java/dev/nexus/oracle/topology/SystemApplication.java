package dev.nexus.oracle.topology;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Asks the application `nexus.oracle` for code and for trial runs. Its executions are seen and
/// priced like any other; their ids are made from names, so nothing is asked for twice.
final class SystemApplication {
  static final String APP = "nexus.oracle";
  static final String SYNTHESIZE = "synthesize";
  static final String EVALUATE = "evaluate";
  private static final int MOST_CHARACTERS = 900_000;
  private static final String ORIGIN = "oracle";

  private final CurrentVersions versions;

  SystemApplication(CurrentVersions versions) {
    this.versions = versions;
  }

  /// Whether it can be asked at all.
  boolean available(TenantId tenant) {
    return version(tenant).isPresent();
  }

  /// @param decisions what was decided about the component before: each request is a new one
  static String synthesisExecution(ComponentKey key, String identity, long decisions) {
    return NameIds.uuid5("synthesize", key.text(), identity, Long.toString(decisions)).toString();
  }

  static String evaluationExecution(
      ComponentKey key, Subject subject, String candidateHash, String fingerprint) {
    return NameIds.uuid5(
            "evaluate", key.text(), subject.identityDigest(), candidateHash, fingerprint)
        .toString();
  }

  /// Whether code and input fit into one record, in any alphabet.
  static boolean canEvaluate(String source, Json input) {
    return (long) source.length() + input.text().length() <= MOST_CHARACTERS;
  }

  static Json evaluationInput(String source, Json input) {
    return CanonicalJson.toJson(Map.of("source", source, "input", CanonicalJson.read(input)));
  }

  /// The request for an execution; throws `IllegalStateException` when the application is missing.
  Event<RequestEvent> invoke(
      ComponentKey key, String component, String execution, Json input, Cause cause) {
    Version version =
        version(key.tenant())
            .orElseThrow(
                () -> new IllegalStateException("application " + APP + " is not published"));
    ExecutionId id = ExecutionId.parse(execution);
    UUID eventId = NameIds.uuid5("request", execution);
    var envelope =
        new Envelope(
            eventId,
            cause.at(),
            version.tenant(),
            APP,
            execution,
            0,
            cause.eventId().toString(),
            cause.correlationId(),
            Outbox.ACTOR,
            "",
            Position.NONE);
    return new Event<>(
        envelope.withExecution(id),
        new InvokeRequested(
            component,
            version.digest(),
            input,
            CanonicalJson.fingerprint(input),
            Duration.ZERO,
            ReplyAddress.NOBODY,
            ORIGIN));
  }

  /// The tenant's own copy, or the one of the installation.
  private Optional<Version> version(TenantId tenant) {
    return versions.of(tenant, APP).or(() -> versions.of(TenantId.DEFAULT, APP));
  }
}
