package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.e2e.ServicesApart.Service;
import dev.nexus.event.Event;
import dev.nexus.event.sandbox.SandboxEvent;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.event.sandbox.SandboxEvent.ServiceEnded;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/// An executor of its own with a service, reached through the front door, and killed.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class KilledServicesIT {
  private static final String APP = "killed-desk";
  private static final int SERVICES = 6;
  private static final Path SOCKETS = sockets();

  /// Registered first, so that it comes last: killed processes leave their files.
  @RegisterExtension
  @Order(1)
  static final AfterAllCallback removal = _ -> ChildPlatform.deleteTree(SOCKETS);

  @RegisterExtension
  @Order(2)
  static final FaultRig rig =
      FaultRig.apart(
          (settings, data, clock) ->
              ServicesApart.start(
                  settings,
                  data,
                  service ->
                      Map.of(
                          "NEXUS_DOCKER_HOST",
                          ServiceImage.HOST,
                          "NEXUS_RUNNER_IMAGES",
                          ServiceImage.RUNNERS,
                          "NEXUS_SANDBOX_DIR",
                          SOCKETS.toString())));

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static Path sockets() {
    try {
      return Files.createTempDirectory(Path.of("/tmp"), "nxk");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeAll
  static void images() throws IOException, InterruptedException {
    ServiceImage.build();
  }

  @AfterAll
  static void close() {
    HTTP.close();
  }

  private static HttpResponse<String> sendWith(String key, String method, String path)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(rig.writes() + "/v1/apps/" + APP + path))
            .header("Authorization", "Bearer " + key)
            .method(method, BodyPublishers.noBody())
            .build(),
        BodyHandlers.ofString());
  }

  private static HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(rig.writes() + "/v1/apps/" + APP + path))
            .header("Authorization", "Bearer " + rig.key())
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static void apply(String services) throws IOException, InterruptedException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put(
            "app_definition.yaml",
            "appId: "
                + APP
                + "\ncomponents: [{componentId: e, handlerType: BUILTIN, taskDetails: {function: echo}}]\n"
                + services);
    assertThat(send("POST", "/apply", body.toString()).statusCode()).isEqualTo(200);
  }

  /// Containers of the service, its relay included.
  private static List<String> containers() {
    String ids =
        ServiceImage.docker(
            "ps", "-aq", "--no-trunc", "-f", "label=dev.nexus.service=default/" + APP + "/web");
    return ids.isEmpty() ? List.of() : List.of(ids.split("\n"));
  }

  private static List<ServiceEnded> ends() {
    return new TopicReader(rig.clients())
        .read(Topic.SANDBOXES, EventCodec.of(Topic.SANDBOXES, SandboxEvent.class)).stream()
            .map(Event::body)
            .filter(ServiceEnded.class::isInstance)
            .map(ServiceEnded.class::cast)
            .toList();
  }

  private static void awaitAnswer() {
    Eventually.holds(
        () -> {
          HttpResponse<String> answer = send("GET", "/services/web/", "");
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
          assertThat(answer.body()).contains("Directory listing");
        });
  }

  /// The front door knows the first executor only, and who has which service is the brokers'
  /// affair.
  @Test
  void shouldReachTheServicesOfBothExecutors() throws Exception {
    // Given
    Path home = Files.createTempDirectory("nexus-another");
    Process other = rig.services().another(Service.EXECUTOR, home);
    try {
      StringBuilder services = new StringBuilder("serviceInstances:\n");
      for (int i = 0; i < SERVICES; i++) {
        services.append(
            ("  - {serviceName: s%d, dockerImage: '%s', port: 8000, resourceLimits: {memoryLimit: 64Mi},"
                    + " command: [python3, -m, http.server, '8000', --bind, 127.0.0.1, --directory, /tmp]}\n")
                .formatted(i, ServiceImage.NAME));
      }
      apply(services.toString());

      // When, Then
      Eventually.holds(
          () ->
              assertThat(send("GET", "/services", "").body())
                  .contains("\"state\":\"ELSEWHERE\"", "\"state\":\"HEALTHY\""));
      Eventually.holds(
          () -> {
            for (int i = 0; i < SERVICES; i++) {
              HttpResponse<String> answer = send("GET", "/services/s" + i + "/", "");
              assertThat(answer.statusCode()).as("s" + i + ": " + answer.body()).isEqualTo(200);
              assertThat(answer.body()).contains("Directory listing");
            }
          });
      assertThat(sendWith("wrong", "GET", "/services/s0/").statusCode()).isEqualTo(401);
      apply("");
      Eventually.holds(
          () ->
              assertThat(
                      ServiceImage.docker(
                          "ps",
                          "-aq",
                          "--filter",
                          "name=nexus-service-",
                          "--filter",
                          "label=dev.nexus.service=default/" + APP + "/s0"))
                  .isEmpty());
    } finally {
      other.destroy();
      other.waitFor();
      ChildPlatform.deleteTree(home);
    }
  }

  @Test
  void shouldRunAServiceAgainWhoseExecutorWasKilledAndLeaveNothingOfIt() throws Exception {
    // Given
    apply(
        "serviceInstances:\n  - {serviceName: web, dockerImage: '"
            + ServiceImage.NAME
            + "', port: 8000, command: [python3, -m, http.server, '8000', --bind, 127.0.0.1, --directory, /tmp]}\n");
    awaitAnswer();
    assertThat(send("GET", "/services", "").body()).contains("\"state\":\"HEALTHY\"");
    List<String> before = containers();
    assertThat(before).hasSize(2);

    // When
    rig.services().kill(Service.EXECUTOR);

    // Then nobody answers for it until an executor is back
    HttpResponse<String> away = send("GET", "/services/web/", "");
    assertThat(away.statusCode()).isEqualTo(503);
    assertThat(away.body()).contains("sandbox-executor-unavailable");
    assertThat(containers()).containsExactlyInAnyOrderElementsOf(before);
    rig.services().start(Service.EXECUTOR);
    awaitAnswer();
    Eventually.holds(() -> assertThat(containers()).hasSize(2).doesNotContainAnyElementsOf(before));
    assertThat(ends())
        .filteredOn(end -> end.service().equals("web"))
        .singleElement()
        .satisfies(
            end -> {
              assertThat(end.reason()).isEqualTo(EndReason.ORPHANED);
              assertThat(end.service()).isEqualTo("web");
              assertThat(end.detail()).contains("has died");
            });

    // When
    apply("");

    // Then
    Eventually.holds(() -> assertThat(containers()).isEmpty());
  }
}
