package dev.nexus.standalone.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.run.RunFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Asks whoever answers at an address whether it is of Nexus, and whether it does its work.
///
/// @param url where it answers
public record ServiceCheck(String url, Health health) {
  /// How those who have no valid key are told so.
  private static final String NO_KEY = "urn:nexus:problem:unauthenticated";

  /// What it tells of its health.
  public sealed interface Health {
    /// Everything in it does its work.
    record Healthy() implements Health {}

    /// @param parts of it that do not do their work
    record Unhealthy(List<String> parts) implements Health {
      public Unhealthy {
        parts = List.copyOf(parts);
      }
    }

    /// It tells nothing, as the key of whoever asked is not valid there.
    record Unauthorized() implements Health {}
  }

  /// Where to ask for more than its health: the address that was named, else the platform that runs
  /// here, else the port of who names brokers, as only those have services apart.
  ///
  /// @param url the address that was named; empty for none
  public static Optional<String> address(Settings settings, Optional<RunFile> run, String url) {
    return Optional.of(url)
        .filter(named -> !named.isEmpty())
        .or(() -> run.map(found -> found.addresses().http()))
        .or(() -> apart(settings));
  }

  /// To those who name no brokers a process at their port is one that stands in the way.
  static Optional<String> apart(Settings settings) {
    int port = settings.number(Setting.HTTP_PORT);
    return port != 0 && settings.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)
        ? Optional.of("http://127.0.0.1:" + port)
        : Optional.empty();
  }

  /// Empty when nothing of Nexus answers there.
  ///
  /// @param key of whoever asks; empty for none, which only those on the same machine are told
  /// @param patience how long it waits for an answer
  public static Optional<ServiceCheck> at(String url, String key, Duration patience) {
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(patience).build()) {
      HttpRequest.Builder question =
          HttpRequest.newBuilder(URI.create(url + "/health")).timeout(patience);
      if (!key.isEmpty()) {
        question.header("Authorization", "Bearer " + key);
      }
      HttpResponse<String> answer = client.send(question.build(), BodyHandlers.ofString());
      JsonNode told = CanonicalJson.read(answer.body());
      if (answer.statusCode() == 401 && told.path("type").asText().endsWith(NO_KEY)) {
        return Optional.of(new ServiceCheck(url, new Health.Unauthorized()));
      }
      return told.at("/details/services").isMissingNode()
          ? Optional.empty()
          : Optional.of(new ServiceCheck(url, health(told.path("details"))));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /// What services find of themselves, and what the library behind `/health` looks at besides: a
  /// disk that is full makes it `DOWN` too.
  private static Health health(JsonNode details) {
    List<String> parts = new ArrayList<>();
    details.at("/services/details/unhealthy").forEach(name -> parts.add(name.asText()));
    for (var detail : details.properties()) {
      boolean down = detail.getValue().path("status").asText().equals("DOWN");
      if (down && !detail.getKey().equals("services")) {
        parts.add(detail.getKey());
      }
    }
    return parts.isEmpty() ? new Health.Healthy() : new Health.Unhealthy(parts);
  }

  Finding finding() {
    return switch (health) {
      case Health.Healthy _ -> Finding.good("service", "answers at " + url + " and does its work");
      case Health.Unhealthy(var parts) ->
          Finding.broken(
              "service",
              "at " + url + " does not do all of its work: " + String.join(", ", parts),
              "look at its log; what it needs of Kafka and Redis is checked here too");
      case Health.Unauthorized _ ->
          Finding.broken(
              "service",
              "answers at " + url + " and tells its health to nobody without a valid key",
              "set NEXUS_KEY to a key of it");
    };
  }
}
