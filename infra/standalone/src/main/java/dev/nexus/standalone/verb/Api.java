package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.host.OperatorKey;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The HTTP API as commands call it: where it is, with which key, and refusals as one line.
final class Api {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Pattern KEY = Pattern.compile("[!-~]*");

  @Mixin private final Home home;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "Base URL of the API (default: NEXUS_URL, else the platform on this machine).")
  private String url;

  private final Duration patience;

  Api() {
    this(new Home(), "", PATIENCE);
  }

  /// That of a command which has these options of its own.
  ///
  /// @param patience how long it waits for an answer
  Api(Home home, String url, Duration patience) {
    this.home = home;
    this.url = url;
    this.patience = patience;
  }

  /// An answer: its status and its body; a missing body is JSON null.
  record Answer(int status, JsonNode body) {}

  Home home() {
    return home;
  }

  /// The address that was given; empty for the platform on this machine.
  String named(Terminal terminal) {
    return named(url, terminal);
  }

  Answer get(Terminal terminal, String path) {
    return call(terminal, "GET", path, "", Map.of());
  }

  Answer post(Terminal terminal, String path, String json) {
    return call(terminal, "POST", path, json, Map.of());
  }

  /// @param json body; empty sends none
  /// @param headers more of them; a content type takes the place of `application/json`
  Answer call(
      Terminal terminal, String method, String path, String json, Map<String, String> headers) {
    String base = base(terminal);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(patience)
            .header("Accept", "application/json")
            .method(
                method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
    if (!json.isEmpty() && !headers.containsKey("Content-Type")) {
      request.header("Content-Type", "application/json");
    }
    request.header("Authorization", "Bearer " + key(terminal, base));
    headers.forEach(request::header);
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
      return answer(response.statusCode(), response.body());
    } catch (ConnectException e) {
      throw unreachable(base, e);
    } catch (IOException e) {
      throw failed(base, path + " failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted", e);
    }
  }

  /// Hears an event.
  interface Hearing {
    void event(String name, JsonNode data);
  }

  /// Hears server-sent events until they end.
  void events(Terminal terminal, String path, Hearing hearing) {
    String base = base(terminal);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Accept", "text/event-stream")
            .header("Authorization", "Bearer " + key(terminal, base))
            .build();
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      var response = client.send(request, BodyHandlers.ofLines());
      if (response.statusCode() >= 400) {
        answer(
            response.statusCode(), response.body().collect(java.util.stream.Collectors.joining()));
        return;
      }
      String[] name = {""};
      response
          .body()
          .forEach(
              line -> {
                if (line.startsWith("event:")) {
                  name[0] = line.substring("event:".length()).strip();
                } else if (line.startsWith("data:")) {
                  hearing.event(
                      name[0], CanonicalJson.read(line.substring("data:".length()).strip()));
                }
              });
    } catch (ConnectException e) {
      throw unreachable(base, e);
    } catch (IOException | java.io.UncheckedIOException e) {
      throw failed(base, path + " broke off", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted", e);
    }
  }

  private static CommandFailedException failed(String base, String what, Exception e) {
    // What the client says of bytes that are no HTTP, or of none.
    boolean other = String.valueOf(e.getMessage()).contains("header parser");
    return new CommandFailedException(
        other
            ? base
                + " does not answer in HTTP: expected the address of Nexus in NEXUS_URL or --url,"
                + " such as http://127.0.0.1:8080"
            : base + what + ": " + e.getMessage(),
        e);
  }

  private static CommandFailedException unreachable(String base, ConnectException e) {
    return new CommandFailedException(
        "nothing answers at "
            + base
            + ": start the platform with './nexus up', or name it with --url",
        e);
  }

  private static Answer answer(int status, String body) {
    JsonNode json;
    try {
      json = CanonicalJson.read(body.isBlank() ? "null" : body);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(
          "HTTP " + status + ", and the answer is no JSON: is this the address of Nexus?", e);
    }
    if (status >= 400) {
      throw refusal(status, json);
    }
    return new Answer(status, json);
  }

  /// A problem document as a line, and a line for each fault.
  private static CommandFailedException refusal(int status, JsonNode problem) {
    String line = problem.path("detail").asText(problem.path("title").asText("HTTP " + status));
    List<String> faults = problem.path("errors").valueStream().map(Api::sentence).toList();
    return new CommandFailedException(line, faults, problem);
  }

  private static String sentence(JsonNode fault) {
    StringBuilder text = new StringBuilder();
    if (fault.has("file")) {
      text.append(fault.get("file").asText());
      if (fault.has("line")) {
        text.append(':').append(fault.get("line").asInt());
        text.append(':').append(fault.path("column").asInt());
      }
      text.append(": ");
    } else if (!fault.path("pointer").asText().isEmpty()) {
      text.append(fault.get("pointer").asText()).append(": ");
    }
    text.append(fault.path("detail").asText());
    if (fault.has("expected")) {
      text.append(": expected ").append(fault.get("expected").asText());
    }
    if (fault.has("found")) {
      text.append(", found ").append(fault.get("found").asText());
    }
    if (fault.has("nearest")) {
      var names = fault.get("nearest").valueStream().map(JsonNode::asText).toList();
      text.append("; did you mean ").append(String.join(" or ", names)).append('?');
    }
    return text.toString();
  }

  /// The address that was given by an option, else by the environment; empty when none was. Throws
  /// `CommandFailedException` when it is no address of HTTP.
  static String named(String url, Terminal terminal) {
    String given = url.isEmpty() ? terminal.environment().getOrDefault("NEXUS_URL", "") : url;
    if (!given.isEmpty() && !isAddress(given)) {
      throw new CommandFailedException(
          (url.isEmpty() ? "NEXUS_URL" : "--url")
              + " expects an address such as http://127.0.0.1:8080, found '"
              + given
              + "'"
              + (given.contains("://") ? "" : ": did you mean http://" + given + "?"));
    }
    return given.endsWith("/") ? given.substring(0, given.length() - 1) : given;
  }

  /// Whether a request can go there.
  private static boolean isAddress(String given) {
    try {
      return given.matches("https?://[^/].*") && new URI(given).getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private String base(Terminal terminal) {
    String given = named(url, terminal);
    if (!given.isEmpty()) {
      return given;
    }
    return home.running(terminal)
        .map(run -> run.addresses().http())
        .orElseThrow(
            () ->
                new CommandFailedException(
                    home.absence(
                        terminal,
                        ": start it with "
                            + home.command(terminal, "up")
                            + ", or name another with --data or --url")));
  }

  /// The key of whoever asks, for whatever address is named; empty where the environment has none.
  /// Throws `CommandFailedException`, which does not repeat it, for one that no request can carry.
  static String givenKey(Terminal terminal) {
    String given = terminal.environment().getOrDefault("NEXUS_KEY", "");
    if (!KEY.matcher(given).matches()) {
      throw new CommandFailedException(
          "NEXUS_KEY: expected a key, found characters that none has, such as a line break");
    }
    return given;
  }

  /// The operator key of the data directory is for the platform that runs on it, and no other host.
  private String key(Terminal terminal, String base) {
    String given = givenKey(terminal);
    if (!given.isEmpty()) {
      return given;
    }
    boolean own =
        home.running(terminal)
            .map(run -> run.addresses().http())
            .filter(base.replace("//localhost", "//127.0.0.1")::equals)
            .isPresent();
    if (!own) {
      throw new CommandFailedException(
          "no key for "
              + base
              + ": set NEXUS_KEY (the key in "
              + home.directory(terminal)
              + " is for the platform that runs there)");
    }
    return OperatorKey.read(home.directory(terminal))
        .orElseThrow(
            () ->
                new CommandFailedException(
                    "cli.key is missing in "
                        + home.directory(terminal)
                        + ": restart the platform, or set NEXUS_KEY"));
  }

  /// A text as one segment of a path or value of a query.
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
