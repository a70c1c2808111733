package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TenantId;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.List;
import java.util.Optional;

/// Who serves each component, and why.
@Controller("/v1")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class OracleController {
  private final OracleQueries oracle;
  private final ApplicationQueries applications;
  private final Visibility visibility;

  public OracleController(
      OracleQueries oracle, ApplicationQueries applications, Visibility visibility) {
    this.oracle = oracle;
    this.applications = applications;
    this.visibility = visibility;
  }

  /// Every component a decision was taken about and that the caller may read.
  @Get("/oracle")
  HttpResponse<String> all(HttpCaller caller, @QueryValue Optional<String> after) {
    TenantId tenant = caller.principal().tenant();
    visibility.await(tenant, after);
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    var components = answer.putArray("components");
    for (String name : oracle.known(tenant)) {
      String[] parts = name.split("/", 2);
      if (caller.may(Action.READ, Resource.app(parts[0]))) {
        oracle.standing(tenant, parts[0], parts[1]).ifPresent(components::add);
      }
    }
    return Answers.json(answer);
  }

  @Get(uris = {"/oracle/{app}/{component}", "/apps/{app}/components/{component}/promotion"})
  HttpResponse<String> one(
      HttpCaller caller, String app, String component, @QueryValue Optional<String> after) {
    caller.require(Action.READ, Resource.app(app));
    TenantId tenant = caller.principal().tenant();
    visibility.await(tenant, after);
    ObjectNode answer =
        oracle.standing(tenant, app, component).orElseGet(() -> undecided(tenant, app, component));
    answer.set("history", oracle.history(tenant, app, component));
    answer.set("evidence", oracle.evidence(tenant, app, component));
    return Answers.json(answer);
  }

  /// A defined component nobody decided about is served by its definition.
  private ObjectNode undecided(TenantId tenant, String app, String component) {
    List<String> known = applications.components(tenant, app);
    if (known.isEmpty()) {
      throw Problems.unknown("application", app, applications.names(tenant));
    }
    if (!known.contains(component)) {
      throw Problems.unknown("component", component, known);
    }
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("app", app);
    answer.put("component", component);
    answer.put("stage", "T0_PROMPT");
    answer.set("candidates", OracleQueries.Candidates.NONE.json());
    return answer;
  }
}
