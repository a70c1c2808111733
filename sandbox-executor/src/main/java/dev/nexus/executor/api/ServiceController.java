package dev.nexus.executor.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TenantId;
import dev.nexus.executor.http.Header;
import dev.nexus.executor.http.Request;
import dev.nexus.executor.service.Served;
import dev.nexus.executor.service.ServiceCalls;
import dev.nexus.executor.service.ServiceCalls.Outcome;
import dev.nexus.executor.service.ServiceInstances;
import dev.nexus.executor.service.ServiceKey;
import dev.nexus.executor.service.ServiceStatus;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.PassesOn;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.KeyRing;
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
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The services of an application: how they stand, and what is below the path of one is for itself.
@Controller("/v1/apps/{app}/services")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
public final class ServiceController {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceController.class);
  private static final Duration TRY_AGAIN_AFTER = Duration.ofSeconds(1);

  /// Parts of the path of a service, the empty one before the first slash included.
  private static final int PARTS = 6;

  private final ServiceInstances services;
  private final ServiceCalls calls;
  private final DefinitionCatalog catalog;
  private final LeadingOn leading;
  private final KeyRing keys;

  ServiceController(
      ServiceInstances services,
      ServiceCalls calls,
      DefinitionCatalog catalog,
      LeadingOn leading,
      KeyRing keys) {
    this.services = services;
    this.calls = calls;
    this.catalog = catalog;
    this.leading = leading;
    this.keys = keys;
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
    ServiceKey key = new ServiceKey(tenant, app, service);
    BooleanSupplier allowed = () -> keys.holds(caller.principal());
    return led(key, caller, request)
        .map(served -> response(served, allowed))
        .orElseGet(() -> asked(key, caller, request, allowed));
  }

  /// What the executor answers that runs the service, where that is another one.
  private Optional<Served> led(ServiceKey key, HttpCaller caller, HttpRequest<byte[]> request) {
    if (request.getHeaders().contains(LeadingOn.LED)) {
      return Optional.empty();
    }
    return services
        .elsewhere(key)
        .map(
            executor -> {
              try {
                return leading.ask(
                    executor,
                    new LeadingOn.Call(
                        request.getMethodName(),
                        target(request.getUri().getRawPath(), request.getUri().getRawQuery()),
                        headers(request),
                        request.getBody().orElse(new byte[0]),
                        caller.remoteAddress()));
              } catch (IOException e) {
                LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("executor", executor)
                    .log("it does not answer");
                throw unavailable("the executor that runs it cannot be reached now", key);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw unavailable("the executor ends", key);
              }
            });
  }

  private static ProblemException unavailable(String why, ServiceKey key) {
    return Problem.of(
            HttpStatus.SERVICE_UNAVAILABLE,
            "service-unavailable",
            "the service " + key.service() + ": " + why)
        .retryAfter(TRY_AGAIN_AFTER)
        .exception();
  }

  private HttpResponse<byte[]> asked(
      ServiceKey key, HttpCaller caller, HttpRequest<byte[]> request, BooleanSupplier allowed) {
    String raw = request.getUri().getRawPath();
    String[] parts = raw.split("/", PARTS + 1);
    String prefix = String.join("/", List.of(parts).subList(0, PARTS));
    Outcome outcome =
        calls.call(
            key,
            prefix,
            caller.principal().actor(),
            new Request(
                request.getMethodName(),
                target(raw.substring(prefix.length()), request.getUri().getRawQuery()),
                headers(request),
                request.getBody().orElse(new byte[0])));
    return switch (outcome) {
      case Outcome.Answered(var served) -> response(served, allowed);
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

  private static HttpResponse<byte[]> response(Served served, BooleanSupplier allowed) {
    return switch (served) {
      case Served.Whole(var answer) -> response(answer.status(), answer.headers(), answer.body());
      case Served.Flowing(var status, var headers, var body) -> {
        var flowing = new FlowingBody(body, allowed);
        try {
          yield response(status, headers, flowing);
        } catch (RuntimeException e) {
          flowing.end();
          throw e;
        }
      }
    };
  }

  /// @param body bytes, or a publisher of pieces of them
  @SuppressWarnings("unchecked")
  private static HttpResponse<byte[]> response(int status, List<Header> headers, Object body) {
    MutableHttpResponse<Object> response =
        HttpResponse.status(status, "")
            .contentType(MediaType.APPLICATION_OCTET_STREAM_TYPE)
            .body(body);
    for (Header header : headers) {
      if (header.is("Content-Type")) {
        response.getHeaders().set(header.name(), header.value());
      } else {
        response.header(header.name(), header.value());
      }
    }
    return (HttpResponse<byte[]>) (HttpResponse<?>) response;
  }
}
