package dev.nexus.platform.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.http.Problem;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// One operation of the API: what it reads, who may call it, what it answers. What every operation
/// of its kind answers (no key, no right, too large) is added by itself.
public final class Operation {
  /// The scope of an operation that any key may call.
  public static final String ANY_KEY = "any";

  private static final String JSON = "application/json";
  private static final String STREAM = "text/event-stream";

  /// Whatever the operation, the server says this to browsers.
  private static final int FOREIGN_PAGE = 403;

  /// With these comes the time after which to try again.
  private static final Set<Integer> LATER = Set.of(429, 503, 507);

  private final String method;
  private final String path;
  private final String summary;
  private final List<Parameter> parameters = new ArrayList<>();
  private final Map<String, Type> bodies = new LinkedHashMap<>();
  private final Map<Integer, Answer> answers = new TreeMap<>();
  private String scope = "";
  private boolean bodyNeeded;

  /// What one status means, and its content by media type.
  private static final class Answer {
    private final StringBuilder about = new StringBuilder();
    private final Map<String, Type> contents = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();

    void say(String sentence) {
      about.append(about.isEmpty() || sentence.isEmpty() ? "" : " ").append(sentence);
    }
  }

  private Operation(String method, String path, String summary) {
    this.method = method;
    this.path = path;
    this.summary = summary;
  }

  public static Operation get(String path, String summary) {
    return new Operation("get", path, summary);
  }

  public static Operation post(String path, String summary) {
    return new Operation("post", path, summary);
  }

  /// One of those that pass on what they are asked, whatever the method is.
  public static Operation of(String method, String path, String summary) {
    return new Operation(method, path, summary);
  }

  public static Operation delete(String path, String summary) {
    return new Operation("delete", path, summary);
  }

  /// Needs a key with this scope, said in Markdown. What is not said to need one is open.
  public Operation key(String wanted) {
    scope = wanted;
    return this;
  }

  public Operation reads(Parameter... more) {
    parameters.addAll(List.of(more));
    return this;
  }

  /// Takes a JSON body.
  public Operation takes(Class<?> body) {
    return takes(JSON, body).bodyNeeded();
  }

  /// Takes a JSON body that may be left out.
  public Operation mayTake(Class<?> body) {
    return takes(JSON, body);
  }

  /// Takes a body in one of several forms.
  public Operation takes(String mediaType, Type body) {
    bodies.put(mediaType, body);
    return this;
  }

  /// The body may not be left out.
  public Operation bodyNeeded() {
    bodyNeeded = true;
    return this;
  }

  /// Answers with JSON.
  public Operation answers(int status, Type body, String about) {
    return answers(status, JSON, body, about);
  }

  public Operation answers(int status, String mediaType, Type body, String about) {
    Answer answer = answer(status);
    answer.say(about);
    answer.contents.put(mediaType, body);
    return this;
  }

  /// Answers without a body.
  public Operation answers(int status, String about) {
    answer(status).say(about);
    return this;
  }

  /// Answers with server-sent events.
  public Operation streams(String about) {
    return answers(200, STREAM, String.class, about);
  }

  /// Refuses with problem details.
  public Operation refuses(int status, String about) {
    return answers(status, Problem.MEDIA_TYPE, ProblemBody.class, about);
  }

  /// A header of the answer with this status.
  public Operation header(int status, String name, String about) {
    answer(status).headers.put(name, about);
    return this;
  }

  private Answer answer(int status) {
    return answers.computeIfAbsent(status, _ -> new Answer());
  }

  String method() {
    return method;
  }

  String path() {
    return path;
  }

  ObjectNode json(String chapter, Schemas schemas) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("tags").add(chapter);
    json.put("operationId", id()).put("summary", summary);
    if (!scope.isEmpty() && !scope.equals(ANY_KEY)) {
      json.put("description", "Scope of the key: " + scope + ".");
    }
    var security = json.putArray("security");
    if (!scope.isEmpty()) {
      security.addObject().putArray(OpenApi.BEARER);
      security.addObject().putArray(OpenApi.HEADER);
    }
    if (!parameters.isEmpty()) {
      var list = json.putArray("parameters");
      parameters.forEach(parameter -> list.add(parameter.json()));
    }
    if (!bodies.isEmpty()) {
      ObjectNode body = json.putObject("requestBody").put("required", bodyNeeded);
      content(body, bodies, schemas);
    }
    addUsual();
    ObjectNode responses = json.putObject("responses");
    answers.forEach(
        (status, answer) -> responses.set(status.toString(), json(answer, status, schemas)));
    return json;
  }

  private static ObjectNode json(Answer answer, int status, Schemas schemas) {
    if (status == FOREIGN_PAGE) {
      answer.say("A page from elsewhere is refused without a body.");
    }
    ObjectNode json =
        JsonNodeFactory.instance.objectNode().put("description", answer.about.toString());
    Map<String, String> headers = new LinkedHashMap<>(answer.headers);
    if (LATER.contains(status)) {
      headers.put("Retry-After", "Seconds after which to try again, where that is known.");
    }
    if (!headers.isEmpty()) {
      ObjectNode shown = json.putObject("headers");
      headers.forEach(
          (name, about) ->
              shown
                  .putObject(name)
                  .put("description", about)
                  .putObject("schema")
                  .put("type", name.equals("Retry-After") ? "integer" : "string"));
    }
    if (!answer.contents.isEmpty()) {
      content(json, answer.contents, schemas);
    }
    return json;
  }

  private static void content(ObjectNode into, Map<String, Type> forms, Schemas schemas) {
    ObjectNode content = into.putObject("content");
    forms.forEach(
        (mediaType, type) ->
            content.putObject(mediaType).<JsonNode>set("schema", schemas.of(type)));
  }

  /// What is answered before the operation itself is reached, or when it breaks.
  private void addUsual() {
    if (!scope.isEmpty()) {
      usually(401, "No key, or one that is unknown, revoked or expired.");
      answer(401).headers.put("WWW-Authenticate", "How a key is presented.");
      usually(429, "Calls from this address were refused too often.");
      usually(503, "What the refusal or the answer needs does not work now: try again.");
      if (!scope.equals(ANY_KEY)) {
        usually(403, "The key may not do this; the refusal is in the audit.");
      }
    }
    if (!bodies.isEmpty()) {
      usually(413, "The body is too large (NEXUS_MAX_BODY_BYTES).");
      usually(415, "The body is sent as something else than what is read here.");
    }
    // Every call of ours refuses parameters that it does not have, but hooks, which have a body.
    if (!bodies.isEmpty() || path.startsWith("/v1/") || readsQuery()) {
      usually(400, "What was sent cannot be read: `detail` and `errors` say what was expected.");
    }
    answer(FOREIGN_PAGE);
    usually(500, "Something failed that should not; the log has more.");
  }

  private boolean readsQuery() {
    return parameters.stream().anyMatch(one -> one.in().equals("query"));
  }

  private void usually(int status, String about) {
    Answer answer = answer(status);
    if (!answer.contents.containsKey(Problem.MEDIA_TYPE)) {
      refuses(status, about);
    }
  }

  /// `getAppsByAppComponents…`: from method and path, so that it stays as long as these do.
  private String id() {
    StringBuilder id = new StringBuilder(method);
    for (String part : path.substring(1).split("[/.-]")) {
      boolean variable = part.startsWith("{");
      String word = variable ? part.substring(1, part.length() - 1) : part;
      if (!word.equals("v1")) {
        id.append(variable ? "By" : "")
            .append(word.substring(0, 1).toUpperCase(Locale.ROOT))
            .append(word.substring(1));
      }
    }
    return id.toString();
  }
}
