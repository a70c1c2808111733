package dev.nexus.executor.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.MalformedJsonException;
import dev.nexus.event.definition.ServiceDefinition.Reach;
import dev.nexus.executor.container.EngineException;
import dev.nexus.executor.http.Answer;
import dev.nexus.executor.http.Header;
import dev.nexus.executor.http.HttpChannel.LateException;
import dev.nexus.executor.http.Request;
import dev.nexus.platform.measure.Measure;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Calls of services, whose callers may make them. A service learns nothing of a caller's key, and
/// what it answers cannot speak for the platform.
public final class ServiceCalls {
  static final Duration TIME = Duration.ofSeconds(60);
  static final long LARGEST = 8 << 20;

  /// About one connection, of which there are two, or about who the caller is to the platform.
  private static final Set<String> OURS =
      Set.of(
          "authorization",
          "x-api-key",
          "cookie",
          "host",
          "connection",
          "keep-alive",
          "proxy-authorization",
          "proxy-authenticate",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "content-length",
          "expect",
          "x-forwarded-for",
          "x-forwarded-prefix",
          "x-nexus-led-on",
          "forwarded");

  /// Of answers: what is about the content. All else would be said by the platform's own address to
  /// browsers and proxies.
  private static final Set<String> OF_THE_CONTENT =
      Set.of(
          "content-type",
          "content-language",
          "content-disposition",
          "content-encoding",
          "content-range",
          "accept-ranges",
          "cache-control",
          "etag",
          "last-modified",
          "expires",
          "vary",
          "location",
          "retry-after",
          "allow",
          "mcp-session-id",
          "mcp-protocol-version");

  private final ServiceInstances services;
  private final MeterRegistry meters;

  /// What came of a call.
  public sealed interface Outcome {
    record Answered(Served answer) implements Outcome {}

    /// @param status of HTTP
    /// @param kind short stable word for machines
    record Refused(int status, String kind, String detail) implements Outcome {}
  }

  public ServiceCalls(ServiceInstances services, MeterRegistry meters) {
    this.services = services;
    this.meters = meters;
  }

  /// Asks a service that is defined.
  ///
  /// @param prefix path by which callers reach it
  /// @param caller as the audit names it
  public Outcome call(ServiceKey key, String prefix, String caller, Request request) {
    long begun = System.nanoTime();
    Outcome outcome = outcome(key, prefix, caller, request);
    int status =
        switch (outcome) {
          case Outcome.Answered(Served.Whole(var answer)) -> answer.status();
          case Outcome.Answered(Served.Flowing(var flowing, _, _)) -> flowing;
          case Outcome.Refused(var refused, _, _) -> refused;
        };
    Measure.SERVICE_CALL
        .timer(meters, key.application(), status / 100 + "xx")
        .record(Duration.ofNanos(System.nanoTime() - begun));
    return outcome;
  }

  private Outcome outcome(ServiceKey key, String prefix, String caller, Request request) {
    RunningService running;
    try {
      running = services.healthy(key);
    } catch (IOException e) {
      return new Outcome.Refused(
          503, "service-unavailable", "the service " + key.service() + ": " + e.getMessage());
    }
    Reach reach = running.definition().reach();
    try {
      if (reach.stdio()) {
        return told(key, running, request);
      }
      if (!reach.hasPort()) {
        return new Outcome.Refused(
            409,
            "service-not-callable",
            "the service " + key.service() + " has neither port nor stdio in its definition");
      }
      var passed =
          new Request(
              request.method(), request.target(), passed(request, prefix, reach), request.body());
      return new Outcome.Answered(cleaned(running.port().ask(passed, caller, TIME, LARGEST)));
    } catch (Callers.BusyException e) {
      return new Outcome.Refused(503, "service-busy", because(key, e));
    } catch (LateException e) {
      return new Outcome.Refused(504, "service-late", because(key, e));
    } catch (IOException | EngineException e) {
      return new Outcome.Refused(502, "service-unreachable", because(key, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome.Refused(503, "service-unavailable", "the executor ends");
    }
  }

  private static String because(ServiceKey key, Exception why) {
    return "the service " + key.service() + " does not answer: " + why.getMessage();
  }

  private static List<Header> passed(Request request, String prefix, Reach reach) {
    List<Header> headers = new ArrayList<>();
    headers.add(new Header("Host", "127.0.0.1:" + reach.port()));
    headers.add(new Header("X-Forwarded-Prefix", prefix));
    request.headers().stream()
        .filter(header -> !OURS.contains(header.name().toLowerCase(Locale.ROOT)))
        .forEach(headers::add);
    return headers;
  }

  private static Served cleaned(Served served) {
    return switch (served) {
      case Served.Whole(var answer) ->
          new Served.Whole(new Answer(answer.status(), cleaned(answer.headers()), answer.body()));
      case Served.Flowing(var status, var headers, var body) ->
          new Served.Flowing(status, cleaned(headers), body);
    };
  }

  private static List<Header> cleaned(List<Header> answered) {
    List<Header> headers = new ArrayList<>();
    answered.stream()
        .filter(header -> OF_THE_CONTENT.contains(header.name().toLowerCase(Locale.ROOT)))
        .filter(header -> header.value().matches("[\\t\\x20-\\x7E]*"))
        .forEach(headers::add);
    // A page that a service answers must not act as one of the platform.
    headers.add(new Header("Content-Security-Policy", "sandbox"));
    headers.add(new Header("X-Content-Type-Options", "nosniff"));
    return List.copyOf(headers);
  }

  private static Outcome told(ServiceKey key, RunningService running, Request request)
      throws IOException {
    if (!request.method().equals("POST") || !request.target().equals("/")) {
      return new Outcome.Refused(
          405,
          "service-speaks-json-rpc",
          "the service " + key.service() + " takes messages: POST one JSON-RPC message to it");
    }
    JsonNode message;
    try {
      message = CanonicalJson.read(new String(request.body(), StandardCharsets.UTF_8));
    } catch (MalformedJsonException e) {
      return new Outcome.Refused(400, "malformed-json", String.valueOf(e.getMessage()));
    }
    if (!(message instanceof ObjectNode one)) {
      return new Outcome.Refused(
          400, "malformed-json", "one JSON-RPC message, an object, expected");
    }
    Optional<JsonNode> answer = running.rpc().ask(one, TIME);
    return answered(
        answer
            .map(
                given ->
                    new Answer(
                        200,
                        List.of(new Header("Content-Type", "application/json")),
                        given.toString().getBytes(StandardCharsets.UTF_8)))
            .orElseGet(() -> new Answer(202, List.of(), new byte[0])));
  }

  private static Outcome answered(Answer answer) {
    return new Outcome.Answered(new Served.Whole(answer));
  }
}
