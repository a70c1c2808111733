package dev.nexus.mcp.protocol;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.http.HttpCaller;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.function.Supplier;

/// MCP over HTTP: `/mcp` for everything a key may use, `/mcp/{app}` for one application. Only POST:
/// nothing is kept here that a GET could listen to or a DELETE end.
@Controller("/mcp")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
public final class McpController {
  private final McpServer server;
  private final Toolboxes toolboxes;
  private final KnownNames names;

  public McpController(McpServer server, Toolboxes toolboxes, Settings settings) {
    this.server = server;
    this.toolboxes = toolboxes;
    this.names = new KnownNames(settings.text(Setting.HTTP_NAMES));
  }

  @Post
  HttpResponse<String> all(HttpCaller caller, HttpRequest<?> request, @Body String body) {
    return answer(request, body, () -> toolboxes.all(caller, header(request, "traceparent")));
  }

  @Post("/{app}")
  HttpResponse<String> one(
      HttpCaller caller, HttpRequest<?> request, String app, @Body String body) {
    return answer(request, body, () -> toolboxes.of(caller, header(request, "traceparent"), app));
  }

  private HttpResponse<String> answer(
      HttpRequest<?> request, String body, Supplier<Toolbox> toolbox) {
    String objection =
        names.objection(header(request, HttpHeaders.HOST), header(request, HttpHeaders.ORIGIN));
    if (!objection.isEmpty()) {
      return response(RpcError.forbidden(objection).answer(NullNode.getInstance()));
    }
    McpHeaders headers =
        new McpHeaders(
            header(request, "MCP-Protocol-Version"),
            header(request, "Mcp-Method"),
            header(request, "Mcp-Name"));
    return response(server.answer(body, headers, toolbox));
  }

  private static HttpResponse<String> response(McpAnswer answer) {
    MutableHttpResponse<String> response =
        HttpResponse.status(HttpStatus.valueOf(answer.httpStatus()));
    return answer.body().isEmpty()
        ? response
        : response.contentType(MediaType.APPLICATION_JSON_TYPE).body(answer.body());
  }

  private static String header(HttpRequest<?> request, String name) {
    String value = request.getHeaders().get(name);
    return value == null ? "" : value.strip();
  }
}
