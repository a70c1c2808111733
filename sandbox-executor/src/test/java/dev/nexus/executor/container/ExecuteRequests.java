package dev.nexus.executor.container;

import java.util.Map;

/// Bodies of `POST /execute`, right and wrong ones.
final class ExecuteRequests {
  static final String ID = "7d6f1f6c-8d5a-4c52-9d0c-0c3f8e4f6a11";
  static final String STATE = "\"state_config\":{\"type\":\"git_yaml\",\"params\":{\"a\":1}}";
  static final String OTHER_STATE =
      "\"stateConfig\":{\"type\":\"git_yaml\",\"readTool\":\"core.state.getRuntimeValue\","
          + "\"writeTool\":\"core.state.applyDefinitionDiff\"}";

  /// Each source with all that it may have.
  static final Map<String, String> SOURCES =
      Map.of(
          "internal",
          "{\"input\":{\"n\":[1,null,\"ä\"]}}",
          "http",
          "{\"method\":\"PATCH\",\"path\":\"/a/1\",\"routePattern\":\"/a/:id\",\"pathParameters\":{\"id\":\"1\"},"
              + "\"queryParameters\":{\"q\":[\"x\",\"y\"]},\"headers\":{\"accept\":\"*/*\"},\"body\":\"eA==\",\"bodyEncoding\":\"base64\"}",
          "trigger",
          "{\"sourceAppId\":\"b\",\"triggerEvent\":\"made\",\"payload\":{\"n\":1}}",
          "callback",
          "{\"callbackUrl\":\"https://example.org/\",\"headers\":{},\"body\":null,\"bodyEncoding\":\"utf8\"}",
          "queue",
          "{\"queueName\":\"q\",\"messageId\":\"m\",\"payload\":[1]}",
          "cron",
          "{\"jobId\":\"j\",\"scheduledTime\":\"2026-01-01T00:00:00Z\"}");

  static final String DEEP = "[".repeat(600) + "]".repeat(600);

  /// What is refused with 400, and words of the answer: `place: expected ... found ...`.
  static final Map<String, String> MALFORMED =
      Map.ofEntries(
          Map.entry("{", "the body: JSON expected"),
          Map.entry("[]", "body: an object expected, found a list"),
          Map.entry("{\"requestId\":\"" + ID + "\"}", "body.requestData: missing"),
          Map.entry(body("\"source\":\"mail\",\"mailDetails\":{}", ""), "one of internal, http"),
          Map.entry(body("\"source\":\"http\"", ""), "httpDetails: missing"),
          Map.entry(body("\"source\":\"cron\",\"queueDetails\":{}", ""), "queueDetails: no such"),
          Map.entry(
              details("http", "{\"method\":\"FETCH\",\"path\":\"/\"}"),
              "httpDetails.method: one of"),
          Map.entry(details("http", "{\"method\":\"GET\"}"), "httpDetails.path: missing"),
          Map.entry(
              details("http", "{\"method\":\"GET\",\"path\":\"/\",\"bodyEncoding\":\"hex\"}"),
              "bodyEncoding: one of utf8, base64"),
          Map.entry(
              details("http", "{\"method\":\"GET\",\"path\":\"/\",\"pathParameters\":{\"a\":1}}"),
              "pathParameters.a: a text expected, found 1"),
          Map.entry(details("trigger", "{\"sourceAppId\":\"b\"}"), "triggerEvent: missing"),
          Map.entry(details("callback", "{}"), "callbackUrl: missing"),
          Map.entry(
              details("queue", "{\"queueName\":\"\",\"messageId\":\"m\"}"),
              "queueName: a text of 1"),
          Map.entry(details("cron", "{\"jobId\":\"j\"}"), "scheduledTime: missing"),
          Map.entry(details("internal", "{}"), "internalDetails.input: missing"),
          Map.entry(
              details("internal", "{\"input\":1,\"code\":{\"language\":\"ruby\",\"source\":\"\"}}"),
              "code.language: one of python, javascript"),
          Map.entry(
              details(
                  "internal",
                  "{\"input\":1,\"code\":{\"language\":\"python\",\"source\":\"\",\"function\":\"a b\"}}"),
              "code.function: the name of a function"),
          Map.entry(context("\"mode\":1"), "context.mode: no such field"),
          Map.entry(context("\"userInfo\":{}"), "userInfo.id: missing"),
          Map.entry(context("\"userInfo\":{\"id\":\"a\",\"roles\":\"b\"}"), "roles: a list"),
          Map.entry(
              context("\"applicationInfo\":{\"deploymentMode\":\"test\"}"),
              "deploymentMode: one of"),
          Map.entry(context("\"state_config\":{\"params\":{}}"), "state_config.type: missing"),
          Map.entry(
              context("\"state_config\":{\"type\":\"a\",\"readTool\":\"b\"}"), "readTool: no such"),
          Map.entry(context("\"stateConfig\":{\"type\":\"a\",\"params\":{}}"), "params: no such"),
          Map.entry(
              context("\"configuration\":{\"command\":{\"path\":\"jq\",\"args\":[]}}"),
              "command.path: the full path"));

  private ExecuteRequests() {}

  static String body(String data, String more) {
    return "{\"requestId\":\"%s\",\"requestData\":{%s},\"context\":{\"appId\":\"a\",\"componentId\":\"c\"%s}}"
        .formatted(ID, data, more);
  }

  static String details(String source, String details) {
    return body("\"source\":\"%s\",\"%sDetails\":%s".formatted(source, source, details), "");
  }

  static String context(String more) {
    return body("\"source\":\"internal\",\"internalDetails\":{\"input\":1}", "," + more);
  }
}
