package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.application.ApplicationPublisher;
import dev.nexus.event.TenantId;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.CallableComponents;
import dev.nexus.platform.call.CallableComponents.Target;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.Visible;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Principal;
import dev.nexus.platform.security.Resource;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.Optional;

/// Makes a call of a request, once what it must see is visible here; finding and checking is done
/// as at every edge.
final class Invocations {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  static final String ROAD = "http";

  private final DefinitionCatalog catalog;
  private final ApplicationPublisher publisher;
  private final CallableComponents components;
  private final Tokens tokens;

  Invocations(
      DefinitionCatalog catalog,
      ApplicationPublisher publisher,
      CallableComponents components,
      Tokens tokens) {
    this.catalog = catalog;
    this.publisher = publisher;
    this.components = components;
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
    Principal principal = caller.principal();
    if (asked.after().isPresent()) {
      caller.require(Action.INVOKE, Resource.app(asked.app()));
      await(principal.tenant(), asked.after());
    }
    Target target =
        components.find(principal, caller.remoteAddress(), asked.app(), asked.component());
    return components.call(
        target,
        Origin.of(principal, ROAD, asked.traceparent()),
        asked.input(),
        asked.timeout(),
        asked.idempotencyKey());
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
}
