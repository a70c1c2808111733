package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TenantId;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.QueryParameters;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import dev.nexus.projector.execution.ExecutionStatus;
import dev.nexus.projector.execution.ExecutionView;
import dev.nexus.projector.query.ExecutionList.Filter;
import dev.nexus.projector.query.NewestFirst.Cursor;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Executions, single and in lists.
@Controller("/v1/executions")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class ExecutionController {
  static final int MOST = 500;

  private final ExecutionQueries queries;
  private final ExecutionList list;
  private final Visibility visibility;
  private final KnownNames names;

  public ExecutionController(
      ExecutionQueries queries, ExecutionList list, Visibility visibility, KnownNames names) {
    this.queries = queries;
    this.list = list;
    this.visibility = visibility;
    this.names = names;
  }

  @Get("/{id}")
  HttpResponse<String> find(HttpCaller caller, String id, @QueryValue Optional<String> after) {
    TenantId tenant = caller.principal().tenant();
    String executionId = Problems.executionId(id);
    visibility.await(tenant, after);
    ExecutionView view =
        queries
            .find(tenant, executionId)
            .orElseThrow(() -> Problems.unknown("execution", executionId));
    caller.require(Action.READ, Resource.app(view.app()));
    return Answers.json(queries.whole(tenant, executionId, view));
  }

  @Get
  HttpResponse<String> list(
      HttpCaller caller,
      @QueryValue Optional<String> app,
      @QueryValue Optional<String> component,
      @QueryValue Optional<String> status,
      @QueryValue Optional<String> limit,
      @QueryValue Optional<String> cursor,
      @QueryValue Optional<String> after) {
    caller.require(
        Action.READ, app.<Resource>map(Resource::app).orElseGet(Resource.AllApplications::new));
    if (component.isPresent() && app.isEmpty()) {
      throw Problems.invalid("component", "an app beside it", component.get());
    }
    int count = QueryParameters.limit(limit, 50, MOST);
    TenantId tenant = caller.principal().tenant();
    visibility.await(tenant, after);
    Filter filter =
        new Filter(
            app.orElse(""),
            component.orElse(""),
            status.map(ExecutionController::status).orElse(""));
    ObjectNode answer =
        list.list(tenant, filter, cursor.map(Cursor::parse).orElse(Cursor.START), count);
    if (answer.path("executions").isEmpty() && cursor.isEmpty()) {
      names.require(caller, app, component);
    }
    return Answers.json(answer);
  }

  private static String status(String text) {
    String wanted = text.toUpperCase(Locale.ROOT);
    List<String> valid = Arrays.stream(ExecutionStatus.values()).map(Enum::name).toList();
    if (!valid.contains(wanted)) {
      throw QueryParameters.noneOf("status", valid, text);
    }
    return wanted;
  }
}
