package dev.nexus.mcp.protocol;

import static dev.nexus.platform.docs.Operation.post;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Doc;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.docs.Operation;
import dev.nexus.platform.docs.Parameter;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// MCP as HTTP sees it; what its messages say is its own.
@Singleton
public final class McpApi implements ApiPart {
  private static final String JSON = "application/json";

  record RpcResponse(
      @Doc("`2.0`.") String jsonrpc,
      @Doc("That of the request; absent when it could not be read.") Optional<JsonNode> id,
      Optional<Map<String, JsonNode>> result,
      Optional<RpcErrorShown> error) {}

  record RpcErrorShown(int code, String message, Optional<Map<String, JsonNode>> data) {}

  @Override
  public List<Chapter> chapters() {
    return List.of(
        Chapter.of(
            "MCP",
            "Components as tools of the Model Context Protocol. This machine only.",
            messages(post("/mcp", "A message to the server of all applications.")),
            messages(
                post("/mcp/{app}", "A message to the server of one application.")
                    .reads(Parameter.app("Id of the application.")))));
  }

  private static Operation messages(Operation operation) {
    return operation
        .key("`app:<id>:invoke` of each application whose components are tools")
        .reads(
            Parameter.header("MCP-Protocol-Version", "Revision that the client speaks."),
            Parameter.header("Mcp-Method", "The method, as in the message."),
            Parameter.header("Mcp-Name", "The tool, as in the message."),
            Parameter.TRACE)
        .takes(JSON, JsonNode.class)
        .bodyNeeded()
        .answers(200, RpcResponse.class, "The result, or an error of the method.")
        .answers(202, "A notification was taken.")
        .answers(400, RpcResponse.class, "No request, or of a revision that is not spoken.")
        .answers(401, RpcResponse.class, "")
        .answers(403, RpcResponse.class, "From another machine or page.")
        .answers(404, RpcResponse.class, "No such method or application.")
        .answers(500, RpcResponse.class, "")
        .answers(503, RpcResponse.class, "The log takes nothing now.");
  }
}
