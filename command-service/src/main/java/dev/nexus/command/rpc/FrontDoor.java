package dev.nexus.command.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.AccessRefusedException;
import io.micronaut.http.HttpStatus;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;

/// Reads executions as any client does, over this process's own HTTP API, which knows where the
/// projections are. Asks with the key of its caller, so the caller sees what it may see.
final class FrontDoor implements AutoCloseable {
  /// Longer than a question may wait to become visible.
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Supplier<URI> base;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  FrontDoor(Supplier<URI> base) {
    this.base = base;
  }

  /// The execution with its facts; throws `ProblemException` or `AccessRefusedException` when the
  /// answer is another. `after` is a token of what must be visible, or "".
  JsonNode execution(RpcCaller caller, String executionId, String after) {
    String query = after.isEmpty() ? "" : "?after=" + encoded(after);
    URI uri = base.get().resolve("/v1/executions/" + encoded(executionId) + query);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(PATIENCE)
            .header("Accept", "application/json")
            .header("Authorization", "Bearer " + caller.key())
            .build();
    try {
      var response = client.send(request, BodyHandlers.ofString());
      return response.statusCode() == 200
          ? CanonicalJson.read(response.body())
          : refused(response.statusCode(), response.body());
    } catch (IOException e) {
      throw Problem.of(
              HttpStatus.SERVICE_UNAVAILABLE,
              "projections-unavailable",
              "executions cannot be read now (" + e.getMessage() + "); try again")
          .exception();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading an execution", e);
    }
  }

  private static JsonNode refused(int status, String body) {
    String detail = detail(body);
    throw switch (status) {
      case 401 -> new AccessRefusedException(AccessRefusedException.Kind.UNAUTHENTICATED, detail);
      case 403 -> new AccessRefusedException(AccessRefusedException.Kind.FORBIDDEN, detail);
      default -> Problem.of(HttpStatus.valueOf(status), "read-refused", detail).exception();
    };
  }

  private static String detail(String body) {
    try {
      return CanonicalJson.read(body).path("detail").asText("no detail was given");
    } catch (IllegalArgumentException e) {
      return "no detail was given";
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {
    client.close();
  }
}
