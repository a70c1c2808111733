package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.application.ApplicationPublisher;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.Visible;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Makes a call of a request: finds the component, checks what may be done and whether the input is
/// valid.
final class Invocations {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int LONGEST_KEY = 255;

  private final DefinitionCatalog catalog;
  private final ApplicationPublisher publisher;
  private final SchemaChecks schemas;
  private final Tokens tokens;

  Invocations(
      DefinitionCatalog catalog,
      ApplicationPublisher publisher,
      SchemaChecks schemas,
      Tokens tokens) {
    this.catalog = catalog;
    this.publisher = publisher;
    this.schemas = schemas;
    this.tokens = tokens;
  }

  /// @param after token of something that must be visible first
  record Asked(
      String app,
      String component,
      JsonNode input,
      Duration timeout,
      Optional<String> idempotencyKey,
      Optional<String> after,
      String traceparent) {}

  Call call(HttpCaller caller, Asked asked) {
    caller.require(Action.INVOKE, Resource.app(asked.app()));
    TenantId tenant = caller.principal().tenant();
    await(tenant, asked.after());
    Version version = current(caller, asked.app());
    ComponentDefinition component =
        version
            .application()
            .component(asked.component())
            .orElseThrow(() -> unknownComponent(version, asked.component()));
    String schema = version.digest() + "/" + component.componentId() + "/in";
    List<Fault> faults = schemas.check(schema, component.inputSchema(), asked.input());
    if (!faults.isEmpty()) {
      throw Problem.of(
              HttpStatus.UNPROCESSABLE_ENTITY,
              "invalid-input",
              "the input does not fit the schema of "
                  + asked.component()
                  + ": "
                  + faults.getFirst().sentence())
          .with(faults)
          .exception();
    }
    return new Call(
        new Origin(tenant, caller.principal().actor(), "http", asked.traceparent()),
        asked.app(),
        asked.component(),
        version.digest(),
        new Json(asked.input().toString()),
        asked.timeout(),
        asked.idempotencyKey().map(Invocations::key));
  }

  /// The current version of an application, or a 404 with the nearest name the caller may know.
  Version current(HttpCaller caller, String app) {
    TenantId tenant = caller.principal().tenant();
    return catalog
        .current(tenant, app)
        .orElseThrow(
            () ->
                Problem.unknown(
                        "application",
                        app,
                        catalog.current(tenant).stream()
                            .map(v -> v.application().appId())
                            .filter(id -> maySee(caller, id))
                            .toList())
                    .exception());
  }

  /// Waits until what a token names is visible here.
  void await(TenantId tenant, Optional<String> after) {
    if (after.isEmpty()) {
      return;
    }
    Visible visible =
        tokens
            .verify(after.get(), tenant)
            .orElseThrow(
                () ->
                    Problem.of(
                            HttpStatus.BAD_REQUEST,
                            "invalid-token",
                            "after: expected a token of an earlier answer of this installation")
                        .exception());
    if (visible instanceof Visible.VersionOf(_, var appId, var digest)
        && !publisher.awaitCurrent(tenant, appId, digest, PATIENCE)) {
      throw Problem.of(
              HttpStatus.GATEWAY_TIMEOUT,
              "not-visible-yet",
              "version " + digest + " of " + appId + " is not visible here after " + PATIENCE)
          .exception();
    }
  }

  static boolean maySee(HttpCaller caller, String app) {
    return caller.may(Action.READ, Resource.app(app))
        || caller.may(Action.INVOKE, Resource.app(app))
        || caller.may(Action.APPLY, Resource.app(app));
  }

  private static RuntimeException unknownComponent(Version version, String component) {
    return Problem.unknown(
            "component",
            component,
            version.application().components().stream()
                .map(ComponentDefinition::componentId)
                .toList())
        .exception();
  }

  private static String key(String key) {
    if (key.isBlank() || key.length() > LONGEST_KEY) {
      throw Bodies.invalid(
          Fault.at(
              "",
              "wrong Idempotency-Key",
              "1 to " + LONGEST_KEY + " characters",
              key.length() + " characters"));
    }
    return key;
  }
}
