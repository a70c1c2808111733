package dev.nexus.projector.query;

import dev.nexus.event.Json;
import dev.nexus.event.PayloadReference;
import dev.nexus.event.TenantId;
import dev.nexus.platform.blob.PayloadGoneException;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import dev.nexus.projector.execution.ExecutionView;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;

/// Contents that the facts of an execution name by reference.
@Controller("/v1/executions/{id}/payloads")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class PayloadController {
  private final ExecutionQueries queries;
  private final Payloads payloads;

  public PayloadController(ExecutionQueries queries, Payloads payloads) {
    this.queries = queries;
    this.payloads = payloads;
  }

  /// The content with this digest. Only what a fact of the execution names is given, so a key that
  /// may read one application reads no other's contents.
  @Get("/{sha256}")
  HttpResponse<String> read(HttpCaller caller, String id, String sha256) {
    TenantId tenant = caller.principal().tenant();
    String execution = Problems.executionId(id);
    ExecutionView view =
        queries.find(tenant, execution).orElseThrow(() -> Problems.unknown("execution", execution));
    caller.require(Action.READ, Resource.app(view.app()));
    if (!queries.names(tenant, execution, sha256)) {
      throw Problems.unknown("payload", sha256);
    }
    try {
      Json content = payloads.content(tenant, new PayloadReference(sha256, 0).toJson());
      return HttpResponse.<String>ok(content.text()).contentType(MediaType.APPLICATION_JSON_TYPE);
    } catch (PayloadGoneException e) {
      throw Problem.of(HttpStatus.GONE, "payload-gone", String.valueOf(e.getMessage())).exception();
    }
  }
}
