package dev.nexus.mcp.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.mcp.protocol.Message.Notification;
import dev.nexus.mcp.protocol.Message.Request;
import dev.nexus.mcp.protocol.Message.Response;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.security.AccessRefusedException;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers the messages of a client. Keeps nothing between them, so any instance may answer any.
public final class McpServer {
  private static final Logger LOG = LoggerFactory.getLogger(McpServer.class);

  /// How long a client may keep a list before it asks again.
  private static final Duration FRESH = Duration.ofSeconds(10);

  private final String version;
  private final MeterRegistry meters;

  /// `version` is that of this program.
  public McpServer(String version, MeterRegistry meters) {
    this.version = version;
    this.meters = meters;
  }

  /// Answers one message. The toolbox is opened only when the message is sound.
  public McpAnswer answer(String body, McpHeaders headers, Supplier<Toolbox> toolbox) {
    JsonNode id = NullNode.getInstance();
    try {
      return switch (Message.parse(body)) {
        case Notification _, Response _ -> McpAnswer.ACCEPTED;
        case Request request -> {
          id = request.id();
          ObjectNode result = result(request, Era.of(request, headers), toolbox);
          ObjectNode response = JsonNodeFactory.instance.objectNode();
          response.put("jsonrpc", "2.0");
          response.set("id", id);
          response.set("result", result);
          yield new McpAnswer(200, response.toString());
        }
      };
    } catch (RuntimeException e) {
      return error(e).answer(id);
    }
  }

  /// Whatever fails is answered under the request's own id: a client waits for nothing else. What
  /// nobody foresaw is logged whole and told by its incident only.
  private static RpcError error(RuntimeException failure) {
    return switch (failure) {
      case RpcException e -> e.error();
      case ProblemException e -> RpcError.problem(e.problem());
      case AccessRefusedException e -> RpcError.refused(e);
      case RequestNotAcceptedException _ -> RpcError.unavailable();
      default -> {
        String incident = UUID.randomUUID().toString();
        LOG.atError().setCause(failure).addKeyValue("incident", incident).log("message failed");
        yield RpcError.internal(incident);
      }
    };
  }

  private ObjectNode result(Request request, Era era, Supplier<Toolbox> toolbox) {
    ObjectNode result =
        switch (era) {
          case LEGACY -> legacy(request, toolbox);
          case MODERN -> modern(request, toolbox);
        };
    if (era == Era.MODERN) {
      result.put("resultType", "complete");
      ObjectNode meta =
          result.get("_meta") instanceof ObjectNode present ? present : result.putObject("_meta");
      meta.set(Era.META_SERVER, serverInfo());
    }
    return result;
  }

  private ObjectNode legacy(Request request, Supplier<Toolbox> toolbox) {
    return switch (request.method()) {
      case "initialize" -> initialized(request, toolbox.get());
      case "ping" -> JsonNodeFactory.instance.objectNode();
      case "tools/list" -> listed(request, toolbox.get());
      case "tools/call" -> called(request, toolbox.get());
      default -> throw new RpcException(RpcError.methodNotFound(request.method(), false));
    };
  }

  private ObjectNode modern(Request request, Supplier<Toolbox> toolbox) {
    return switch (request.method()) {
      case "server/discover" -> cacheable(discovered(toolbox.get()));
      case "tools/list" -> cacheable(listed(request, toolbox.get()));
      case "tools/call" -> called(request, toolbox.get());
      default -> throw new RpcException(RpcError.methodNotFound(request.method(), true));
    };
  }

  private ObjectNode initialized(Request request, Toolbox tools) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.put(
        "protocolVersion", Revision.agreed(request.params().path("protocolVersion").asText()));
    describe(result, tools);
    result.set("serverInfo", serverInfo());
    return result;
  }

  private static ObjectNode discovered(Toolbox tools) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    Revision.ALL.forEach(result.putArray("supportedVersions")::add);
    describe(result, tools);
    return result;
  }

  private static void describe(ObjectNode result, Toolbox tools) {
    result.putObject("capabilities").putObject("tools");
    if (!tools.instructions().isEmpty()) {
      result.put("instructions", tools.instructions());
    }
  }

  private static ObjectNode listed(Request request, Toolbox tools) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ToolPages.put(tools.tools(), request.params(), result);
    return result;
  }

  private ObjectNode called(Request request, Toolbox tools) {
    ObjectNode params = request.params();
    if (!params.path("name").isTextual()) {
      throw new RpcException(
          RpcError.invalidParams("Invalid params: name must be the name of a tool"));
    }
    JsonNode arguments = params.path("arguments");
    if (!arguments.isObject() && !arguments.isMissingNode()) {
      throw new RpcException(RpcError.invalidParams("Invalid params: arguments must be an object"));
    }
    ObjectNode given =
        arguments instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    try {
      ToolResult result =
          tools.call(new ToolCall(params.path("name").textValue(), given, params.path("_meta")));
      Measure.TOOL_CALLS.counter(meters, result.isError() ? "error" : "succeeded").increment();
      return result.toJson();
    } catch (UnknownToolException e) {
      throw new RpcException(RpcError.invalidParams(String.valueOf(e.getMessage())));
    }
  }

  /// What a caller sees depends on its key, so nobody else may be given it.
  private static ObjectNode cacheable(ObjectNode result) {
    result.put("ttlMs", FRESH.toMillis());
    result.put("cacheScope", "private");
    return result;
  }

  private ObjectNode serverInfo() {
    ObjectNode info = JsonNodeFactory.instance.objectNode();
    info.put("name", "nexus");
    info.put("title", "Nexus");
    info.put("version", version);
    return info;
  }
}
