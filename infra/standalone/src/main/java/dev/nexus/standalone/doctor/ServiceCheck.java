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
public record ServiceCheck(String url, List<String> unhealthy) {
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

  /// Empty when nothing of Nexus answers there.
  public static Optional<ServiceCheck> at(String url) {
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpRequest question =
          HttpRequest.newBuilder(URI.create(url + "/health")).timeout(PATIENCE).build();
      HttpResponse<String> answer = client.send(question, BodyHandlers.ofString());
      JsonNode services = CanonicalJson.read(answer.body()).at("/details/services");
      if (services.isMissingNode()) {
        return Optional.empty();
      }
      List<String> unhealthy = new ArrayList<>();
      services.at("/details/unhealthy").forEach(name -> unhealthy.add(name.asText()));
      return Optional.of(new ServiceCheck(url, unhealthy));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  Finding finding() {
    return unhealthy.isEmpty()
        ? Finding.good("service", "answers at " + url + " and does its work")
        : Finding.broken(
            "service",
            "at " + url + " does not do all of its work: " + String.join(", ", unhealthy),
            "look at its log; what it needs of Kafka and Redis is checked here too");
  }
}
