package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TenantId;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import dev.nexus.projector.metric.ComponentStats;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.List;
import java.util.Optional;

/// What was measured about one component.
@Controller("/v1/apps/{app}/components/{component}/stats")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class ComponentController {
  private final ComponentQueries components;
  private final ApplicationQueries applications;
  private final Visibility visibility;

  public ComponentController(
      ComponentQueries components, ApplicationQueries applications, Visibility visibility) {
    this.components = components;
    this.applications = applications;
    this.visibility = visibility;
  }

  @Get
  HttpResponse<String> stats(
      HttpCaller caller, String app, String component, @QueryValue Optional<String> after) {
    caller.require(Action.READ, Resource.app(app));
    TenantId tenant = caller.principal().tenant();
    visibility.await(tenant, after);
    ComponentStats stats = components.stats(tenant, app, component);
    if (stats.counters().isEmpty()) {
      requireDefined(tenant, app, component);
    }
    ObjectNode answer = ComponentQueries.json(stats);
    answer.put("app", app);
    answer.put("component", component);
    return Answers.json(answer);
  }

  /// A component that was never called has empty statistics; an unknown one has none.
  private void requireDefined(TenantId tenant, String app, String component) {
    List<String> known = applications.components(tenant, app);
    if (known.isEmpty()) {
      throw Problems.unknown("application", app, applications.names(tenant));
    }
    if (!known.contains(component)) {
      throw Problems.unknown("component", component, known);
    }
  }
}
