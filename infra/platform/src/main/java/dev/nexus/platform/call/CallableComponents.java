package dev.nexus.platform.call;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Json;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.AccessControl;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Authorisation;
import dev.nexus.platform.security.Authorisation.Decision;
import dev.nexus.platform.security.Principal;
import dev.nexus.platform.security.Resource;
import io.micronaut.http.HttpStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The components a caller may run, and whether an input fits one: the same questions in the same
/// order from every edge.
public final class CallableComponents {
  private final DefinitionCatalog catalog;
  private final AccessControl access;
  private final SchemaChecks schemas;
  private final Admission admission;
  private final Clock clock;

  public CallableComponents(
      DefinitionCatalog catalog,
      AccessControl access,
      SchemaChecks schemas,
      Admission admission,
      Clock clock) {
    this.catalog = catalog;
    this.access = access;
    this.schemas = schemas;
    this.admission = admission;
    this.clock = clock;
  }

  /// A component in the version that a call made now will run.
  public record Target(Version version, ComponentDefinition component) {
    public String appId() {
      return version.application().appId();
    }
  }

  /// The component, when the caller may run it. Whoever may not hears 403 (audited) whether the
  /// application exists or not; else an unknown name ends in a `ProblemException` with the nearest.
  public Target find(Principal caller, String remoteAddress, String appId, String component) {
    Version version = application(caller, remoteAddress, appId);
    return version
        .application()
        .component(component)
        .map(found -> new Target(version, found))
        .orElseThrow(
            () ->
                Problem.unknown("component", component, components(version.application()))
                    .exception());
  }

  /// The current version of an application whose components the caller may run; else as `find`.
  public Version application(Principal caller, String remoteAddress, String appId) {
    access.require(caller, Action.INVOKE, Resource.app(appId), remoteAddress);
    return catalog
        .current(caller.tenant(), appId)
        .orElseThrow(() -> Problem.unknown("application", appId, names(caller)).exception());
  }

  /// Current versions of the applications whose components the caller may run, by id.
  public List<Version> visible(Principal caller) {
    return catalog.current(caller.tenant()).stream()
        .filter(version -> mayRun(caller, version.application().appId()))
        .toList();
  }

  /// A call of the target; an input that does not fit ends in a `ProblemException` with every
  /// fault. So does a caller that asks too often, or new work while too much of it waits.
  ///
  /// @param timeout longest time it may take; zero leaves it to the component
  public Call call(
      Target target,
      Origin origin,
      JsonNode input,
      Duration timeout,
      Optional<String> idempotencyKey) {
    admission.admit(origin.tenant(), origin.actor());
    List<Fault> faults = schemas.checkInput(target.version().digest(), target.component(), input);
    String component = target.component().componentId();
    if (!faults.isEmpty()) {
      throw Problem.of(
              HttpStatus.UNPROCESSABLE_ENTITY,
              "invalid-input",
              "the input does not fit the schema of "
                  + component
                  + ": "
                  + faults.getFirst().sentence())
          .with(faults)
          .exception();
    }
    return new Call(
        origin,
        target.appId(),
        component,
        target.version().digest(),
        new Json(input.toString()),
        within(origin, timeout, target.component()),
        idempotencyKey);
  }

  /// What code of an execution asks for ends when that does: whoever calls itself comes to an end.
  private Duration within(Origin origin, Duration timeout, ComponentDefinition component) {
    if (origin.until().equals(Instant.MAX)) {
      return timeout;
    }
    Duration own = timeout.isZero() ? component.timeout() : timeout;
    Duration left = Duration.between(clock.instant(), origin.until());
    Duration most = left.compareTo(own) < 0 ? left : own;
    return most.isPositive() ? most : Duration.ofMillis(1);
  }

  private List<String> names(Principal caller) {
    return visible(caller).stream().map(version -> version.application().appId()).toList();
  }

  private static boolean mayRun(Principal caller, String appId) {
    return Authorisation.decide(caller, Action.INVOKE, Resource.app(appId))
        instanceof Decision.Allowed;
  }

  private static List<String> components(ApplicationDefinition application) {
    return application.components().stream().map(ComponentDefinition::componentId).toList();
  }
}
