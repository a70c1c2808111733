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
/// @param unhealthy what in it does not do its work
/// @param silent whether it tells nothing of that, as the key of whoever asked is not valid there
public record ServiceCheck(String url, List<String> unhealthy, boolean silent) {
  /// How those who have no valid key are told so.
  private static final String NO_KEY = "urn:nexus:problem:unauthenticated";

  private static final Duration PATIENCE = Duration.ofSeconds(3);

  public ServiceCheck {
    unhealthy = List.copyOf(unhealthy);
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

  /// Empty when nothing of Nexus answers there, on this machine or to everybody.
  static Optional<ServiceCheck> at(String url) {
    return at(url, "");
  }

  /// Empty when nothing of Nexus answers there.
  ///
  /// @param key of whoever asks; empty for none, which only those on the same machine are told
  public static Optional<ServiceCheck> at(String url, String key) {
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpRequest.Builder question =
          HttpRequest.newBuilder(URI.create(url + "/health")).timeout(PATIENCE);
      if (!key.isEmpty()) {
        question.header("Authorization", "Bearer " + key);
      }
      HttpResponse<String> answer = client.send(question.build(), BodyHandlers.ofString());
      JsonNode told = CanonicalJson.read(answer.body());
      if (answer.statusCode() == 401 && told.path("type").asText().endsWith(NO_KEY)) {
        return Optional.of(new ServiceCheck(url, List.of(), true));
      }
      JsonNode services = told.at("/details/services");
      if (services.isMissingNode()) {
        return Optional.empty();
      }
      List<String> unhealthy = new ArrayList<>();
      services.at("/details/unhealthy").forEach(name -> unhealthy.add(name.asText()));
      return Optional.of(new ServiceCheck(url, unhealthy, false));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  Finding finding() {
    if (silent) {
      return Finding.broken(
          "service",
          "answers at " + url + " and tells its health to nobody without a valid key",
          "set NEXUS_KEY to a key of it");
    }
    return unhealthy.isEmpty()
        ? Finding.good("service", "answers at " + url + " and does its work")
        : Finding.broken(
            "service",
            "at " + url + " does not do all of its work: " + String.join(", ", unhealthy),
            "look at its log; what it needs of Kafka and Redis is checked here too");
  }
}
