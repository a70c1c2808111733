package dev.nexus.mcp.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.AccessRefusedException;

/// Why a message has no result.
///
/// @param httpStatus status of the response that carries it
/// @param data further members of the error; empty when there are none
record RpcError(int httpStatus, int code, String message, ObjectNode data) {
  private static final int PARSE = -32700;
  private static final int INVALID_REQUEST = -32600;
  private static final int METHOD_NOT_FOUND = -32601;
  private static final int INVALID_PARAMS = -32602;
  private static final int INTERNAL = -32603;
  private static final int HEADER_MISMATCH = -32020;
  private static final int UNSUPPORTED_REVISION = -32022;

  private static RpcError of(int httpStatus, int code, String message) {
    return new RpcError(httpStatus, code, message, JsonNodeFactory.instance.objectNode());
  }

  static RpcError unreadable(String detail) {
    return of(400, PARSE, "Parse error: " + detail);
  }

  static RpcError invalidRequest(String detail) {
    return of(400, INVALID_REQUEST, "Invalid request: " + detail);
  }

  /// The modern era answers 404; older clients take that for a lost session.
  static RpcError methodNotFound(String method, boolean modern) {
    return of(modern ? 404 : 200, METHOD_NOT_FOUND, "Method not found: " + method);
  }

  /// Parameters that the method cannot use.
  static RpcError invalidParams(String detail) {
    return of(200, INVALID_PARAMS, detail);
  }

  /// Parameters without which a modern request is none.
  static RpcError incompleteMeta(String missing) {
    return of(400, INVALID_PARAMS, "Invalid params: _meta lacks " + missing);
  }

  static RpcError headerMismatch(String detail) {
    return of(400, HEADER_MISMATCH, "Header mismatch: " + detail);
  }

  static RpcError unsupportedRevision(String requested) {
    RpcError error = of(400, UNSUPPORTED_REVISION, "Unsupported protocol version: " + requested);
    Revision.ALL.forEach(error.data.putArray("supported")::add);
    error.data.put("requested", requested);
    return error;
  }

  static RpcError forbidden(String detail) {
    return of(403, INVALID_REQUEST, detail);
  }

  /// A problem of the API, such as an application nobody knows: its members become the error's
  /// data.
  static RpcError problem(Problem problem) {
    int status = problem.status().getCode();
    RpcError error = of(status, status < 500 ? INVALID_PARAMS : INTERNAL, problem.detail());
    error.data.put("problem", problem.kind());
    if (!problem.nearest().isEmpty()) {
      problem.nearest().forEach(error.data.putArray("nearest")::add);
    }
    return error;
  }

  /// The key lets nobody in, or not here, or too many were refused from its address.
  static RpcError refused(AccessRefusedException refused) {
    int status =
        switch (refused.kind()) {
          case UNAUTHENTICATED -> 401;
          case FORBIDDEN -> 403;
          case TOO_OFTEN -> 429;
        };
    return of(status, INVALID_REQUEST, String.valueOf(refused.getMessage()));
  }

  /// The log takes nothing now.
  static RpcError unavailable() {
    return of(503, INTERNAL, "the log does not take requests now; try again");
  }

  static RpcError internal(String incident) {
    return of(
        500, INTERNAL, "something failed here that should not; the log tells more: " + incident);
  }

  /// The response; `id` is JSON null when the request had none that could be read, and then left
  /// out.
  McpAnswer answer(JsonNode id) {
    ObjectNode response = JsonNodeFactory.instance.objectNode();
    response.put("jsonrpc", "2.0");
    if (!id.isNull()) {
      response.set("id", id);
    }
    ObjectNode error = response.putObject("error");
    error.put("code", code);
    error.put("message", message);
    if (!data.isEmpty()) {
      error.set("data", data);
    }
    return new McpAnswer(httpStatus, response.toString());
  }
}
