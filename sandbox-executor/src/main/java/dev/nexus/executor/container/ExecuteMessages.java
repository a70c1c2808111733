package dev.nexus.executor.container;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.nexus.event.Excerpt;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.MalformedJsonException;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Program;
import dev.nexus.executor.code.ToolGrants;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.http.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/// The messages of `POST /execute`: `execute-request.schema.json` and
/// `execute-response.schema.json`
/// beside this class say what they hold. What comes back was written where a tenant's code runs, so
/// nothing of it is taken for granted.
final class ExecuteMessages {
  private static final JsonFactory JSON = new JsonFactory();

  /// Of what was asked, and not of how the runner is.
  private static final Set<Integer> REFUSALS = Set.of(400, 413);

  /// Which state it is that code may have: values of the running application, not its definition.
  private static final String RUNTIME_VALUES = "runtime_values";

  private static final int MAX_DETAIL = 2048;
  private static final int MAX_LOGS = 64 << 10;

  private ExecuteMessages() {}

  /// Names the call, and each attempt at it.
  static String requestId(CodeCall call) {
    return call.task().body().task().eventId(call.task().execution(), "execute").toString();
  }

  /// @param toolPath where messages of this call are taken by the socket for tools
  static byte[] request(CodeCall call, String toolPath) {
    ObjectNode body = object();
    body.put("requestId", requestId(call));
    ObjectNode data = body.putObject("requestData");
    data.put("source", "internal");
    ObjectNode details = data.putObject("internalDetails");
    // As it came: a number keeps its form, as it does in process.
    details.putRawValue("input", new RawValue(call.input().text()));
    if (call.program() instanceof Program.Script(_, var language, var source)) {
      details
          .putObject("code")
          .put("language", language.text())
          .put("source", source)
          .put("function", "handle");
    }
    ObjectNode context = body.putObject("context");
    context.put("appId", call.task().envelope().appId());
    context.put("componentId", call.task().body().component());
    if (ToolGrants.any(call.granted())) {
      context.put("mcp_endpoint", McpSocket.url(toolPath));
    }
    if (call.granted().contains(Capability.STATE)) {
      putState(context);
    }
    if (call.program() instanceof Program.Command(_, var path, var args)) {
      ObjectNode command = context.putObject("configuration").putObject("command");
      command.put("path", path);
      args.forEach(command.putArray("args")::add);
    }
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// In both spellings that there are, as a runner may read either one.
  private static void putState(ObjectNode context) {
    context
        .putObject("stateConfig")
        .put("type", RUNTIME_VALUES)
        .put("readTool", "core.state.get")
        .put("writeTool", "core.state.set");
    context
        .putObject("state_config")
        .put("type", RUNTIME_VALUES)
        .putObject("params")
        .put("get", "core.state.get")
        .put("set", "core.state.set")
        .put("increment", "core.state.increment")
        .put("delete", "core.state.delete");
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /// Whether an answer is to this call, or refuses it: what else comes was left over from another,
  /// as may be what names none, or its runner cannot go on.
  static boolean isOf(CodeCall call, Answer answer) {
    if (answer.status() != 200) {
      return REFUSALS.contains(answer.status());
    }
    try {
      return CanonicalJson.read(text(answer)).path("requestId").asText("").equals(requestId(call));
    } catch (MalformedJsonException e) {
      return true; // nobody's, and told as that
    }
  }

  static String strange(Answer answer) {
    return "POST /execute is answered with "
        + answer.status()
        + " to another or to none: "
        + excerpt(text(answer));
  }

  private static String text(Answer answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  static CodeOutcome outcome(Answer answer, CodeLimits limits) {
    String text = text(answer);
    if (answer.status() != 200) {
      return new Failure(
          FailureClass.CRASH,
          "POST /execute is answered with " + answer.status() + ": " + excerpt(text));
    }
    JsonNode body;
    try {
      body = CanonicalJson.read(text);
    } catch (MalformedJsonException e) {
      return invalid("JSON expected of POST /execute, found: " + excerpt(text));
    }
    JsonNode data = body.get("data");
    if (data == null) {
      return invalid("'data' expected in the answer to POST /execute, found none");
    }
    String logs = Excerpt.of(body.path("logs").asText(""), MAX_LOGS);
    return switch (body.path("resultType").asText("")) {
      case "generic", "httpResponse" -> result(raw(answer), logs, limits);
      case "workflowStep" ->
          switch (data.path("status").asText("")) {
            case "completed" -> result(raw(answer), logs, limits);
            case "failed" -> failedStep(data, logs);
            case String other ->
                invalid(
                    "data.status completed or failed expected of a workflowStep, found '"
                        + excerpt(other)
                        + "'");
          };
      case "error" -> error(data, logs);
      case String other ->
          invalid(
              "resultType generic, httpResponse, workflowStep or error expected, found '"
                  + excerpt(other)
                  + "'");
    };
  }

  /// The result as the code wrote it, character by character.
  private static String raw(Answer answer) {
    byte[] body = answer.body();
    try (JsonParser parser = JSON.createParser(body)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = parser.currentName().equals("data");
        parser.nextToken();
        int begin = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        if (found) {
          int end = (int) parser.currentLocation().getByteOffset();
          return new String(body, begin, end - begin, StandardCharsets.UTF_8);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it was read before
    }
    throw new IllegalStateException("'data' was there before");
  }

  private static CodeOutcome result(String output, String logs, CodeLimits limits) {
    int length = output.getBytes(StandardCharsets.UTF_8).length;
    return length <= limits.outputBytes()
        ? new Result(new Json(output), logs)
        : new Failure(
            FailureClass.OUTPUT,
            "at most " + limits.outputBytes() + " bytes expected, found " + length + " bytes",
            logs);
  }

  private static CodeOutcome error(JsonNode data, String logs) {
    String code = data.path("code").asText("");
    String message = excerpt(data.path("message").asText(""));
    return code.equals("DEOPT")
        ? new Deopt(message, logs)
        : new Failure(failureOf(code, message), message, logs);
  }

  /// What a step tells of its error may have any shape; that of an error says which class it is of.
  private static Failure failedStep(JsonNode data, String logs) {
    JsonNode error = data.path("error");
    JsonNode message = error.isObject() && error.has("message") ? error.get("message") : error;
    String why = message.isValueNode() ? message.asText("") : message.toString();
    String detail =
        "step '%s' of workflow '%s' failed: %s"
            .formatted(
                data.path("stepId").asText(""),
                data.path("workflowId").asText(""),
                why.isBlank() ? "it does not say why" : why);
    FailureClass failure = failureOf(error.path("code").asText(""), why);
    return new Failure(failure, excerpt(detail), logs);
  }

  private static FailureClass failureOf(String code, String message) {
    return Tools.isLate(message) ? FailureClass.TIMEOUT : classOf(code).orElse(FailureClass.CRASH);
  }

  /// A runner may say these of the code that it runs, and nothing else: that a container was lost,
  /// say, is for the host to tell.
  private static Optional<FailureClass> classOf(String code) {
    return Arrays.stream(
            new FailureClass[] {
              FailureClass.TIMEOUT,
              FailureClass.MEMORY,
              FailureClass.OUTPUT,
              FailureClass.PERMISSION,
              FailureClass.CRASH,
              FailureClass.INVALID_RESULT,
              FailureClass.INVALID_DEFINITION
            })
        .filter(known -> known.name().equals(code))
        .findFirst();
  }

  private static Failure invalid(String detail) {
    return new Failure(FailureClass.INVALID_RESULT, detail);
  }

  private static String excerpt(String text) {
    return Excerpt.of(text, MAX_DETAIL);
  }
}
