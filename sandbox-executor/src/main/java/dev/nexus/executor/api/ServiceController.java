package dev.nexus.executor.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TenantId;
import dev.nexus.executor.http.Answer;
import dev.nexus.executor.http.Header;
import dev.nexus.executor.http.Request;
import dev.nexus.executor.service.ServiceCalls;
import dev.nexus.executor.service.ServiceCalls.Outcome;
import dev.nexus.executor.service.ServiceInstances;
import dev.nexus.executor.service.ServiceKey;
import dev.nexus.executor.service.ServiceStatus;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.PassesOn;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Patch;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.annotation.Put;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The services of an application: how they stand, and what is below the path of one is for itself.
@Controller("/v1/apps/{app}/services")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
public final class ServiceController {
  private static final Duration TRY_AGAIN_AFTER = Duration.ofSeconds(1);

  /// Parts of the path of a service, the empty one before the first slash included.
  private static final int PARTS = 6;

  private final ServiceInstances services;
  private final ServiceCalls calls;
  private final DefinitionCatalog catalog;

  public ServiceController(
      ServiceInstances services, ServiceCalls calls, DefinitionCatalog catalog) {
    this.services = services;
    this.calls = calls;
    this.catalog = catalog;
  }

  @Get
  @Produces(MediaType.APPLICATION_JSON)
  HttpResponse<String> list(HttpCaller caller, String app) {
    caller.require(Action.READ, Resource.app(app));
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("app", app);
    var list = answer.putArray("services");
    known(caller.principal().tenant(), app).forEach(one -> list.add(json(one)));
    return HttpResponse.ok(answer.toString());
  }

  private static ObjectNode json(ServiceStatus one) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("service", one.service());
    json.put("state", one.state().name());
    json.put("image", one.image());
    json.put("fallback", one.fallback());
    json.put("restarts", one.restarts());
    one.since().ifPresent(since -> json.put("since", since.toString()));
    if (!one.lastEnd().isEmpty()) {
      json.put("lastEnd", one.lastEnd());
    }
    if (!one.why().isEmpty()) {
      json.put("why", one.why());
    }
    return json;
  }

  private List<ServiceStatus> known(TenantId tenant, String app) {
    List<String> applications =
        catalog.current().stream()
            .filter(version -> version.tenant().equals(tenant))
            .map(version -> version.application().appId())
            .toList();
    if (!applications.contains(app)) {
      throw Problem.unknown("application", app, applications).exception();
    }
    return services.of(tenant, app);
  }

  @Get("/{service}")
  @PassesOn
  HttpResponse<byte[]> get(
      HttpCaller caller, HttpRequest<byte[]> request, String app, String service) {
    return passed(caller, request, app, service);
  }

  @Post("/{service}")
  @PassesOn
  HttpResponse<byte[]> post(
      HttpCaller caller, HttpRequest<byte[]> request, String app, String service) {
    return passed(caller, request, app, service);
  }

  @Get("/{service}/{+path}")
  @PassesOn
  HttpResponse<byte[]> getBelow(
      HttpCaller caller, HttpRequest<byte[]> request, String app, String service, String path) {
    return passed(caller, request, app, service);
  }

  @Post("/{service}/{+path}")
  @PassesOn
  HttpResponse<byte[]> postBelow(
      HttpCaller caller, HttpRequest<byte[]> request, String app, String service, String path) {
    return passed(caller, request, app, service);
  }

  @Put("/{service}/{+path}")
  @PassesOn
  HttpResponse<byte[]> putBelow(
      HttpCaller caller, HttpRequest<byte[]> request, String app, String service, String path) {
    return passed(caller, request, app, service);
  }

  @Patch("/{service}/{+path}")
  @PassesOn
  HttpResponse<byte[]> patchBelow(
      HttpCaller caller, HttpRequest<byte[]> request, String app, String service, String path) {
    return passed(caller, request, app, service);
  }

  @Delete("/{service}/{+path}")
  @PassesOn
  HttpResponse<byte[]> deleteBelow(
      HttpCaller caller, HttpRequest<byte[]> request, String app, String service, String path) {
    return passed(caller, request, app, service);
  }

  private HttpResponse<byte[]> passed(
      HttpCaller caller, HttpRequest<byte[]> request, String app, String service) {
    caller.require(Action.INVOKE, Resource.app(app));
    TenantId tenant = caller.principal().tenant();
    List<String> names = known(tenant, app).stream().map(ServiceStatus::service).toList();
    if (!names.contains(service)) {
      throw Problem.unknown("service", service, names).exception();
    }
    String raw = request.getUri().getRawPath();
    String[] parts = raw.split("/", PARTS + 1);
    String prefix = String.join("/", List.of(parts).subList(0, PARTS));
    Outcome outcome =
        calls.call(
            new ServiceKey(tenant, app, service),
            prefix,
            new Request(
                request.getMethodName(),
                target(raw.substring(prefix.length()), request.getUri().getRawQuery()),
                headers(request),
                request.getBody().orElse(new byte[0])));
    return switch (outcome) {
      case Outcome.Answered(var answer) -> response(answer);
      case Outcome.Refused(int status, var kind, var detail) -> {
        Problem problem = Problem.of(HttpStatus.valueOf(status), kind, detail);
        throw (status == 503 ? problem.retryAfter(TRY_AGAIN_AFTER) : problem).exception();
      }
    };
  }

  /// As it was asked, letter by letter: what is escaped stays so.
  private static String target(String path, @Nullable String query) {
    return (path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
  }

  private static List<Header> headers(HttpRequest<?> request) {
    List<Header> headers = new ArrayList<>();
    request
        .getHeaders()
        .forEach((name, values) -> values.forEach(value -> headers.add(new Header(name, value))));
    return headers;
  }

  private static HttpResponse<byte[]> response(Answer answer) {
    MutableHttpResponse<byte[]> response =
        HttpResponse.<byte[]>status(answer.status(), "")
            .contentType(MediaType.APPLICATION_OCTET_STREAM_TYPE)
            .body(answer.body());
    for (Header header : answer.headers()) {
      if (header.is("Content-Type")) {
        response.getHeaders().set(header.name(), header.value());
      } else {
        response.header(header.name(), header.value());
      }
    }
    return response;
  }
}
