package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.ApiClients;
import dev.nexus.rig.PageExamples;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.Eventually;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;

/// What an installation of Compose is before anything befalls it: it lacks nothing, its containers
/// may do little, and nobody is let in who is not known.
final class ComposeCheck {
  private static final String NO_ROOT = "user [1-9]\\d*";
  private static final String NO_CAPABILITY = "CapBnd:\t0000000000000000";
  private static final String WRITTEN = "written";
  private static final String READ_ONLY = "Read-only file system";
  private static final String CACHE_USED = "cache used";

  /// A JVM maps its cache for fast starts, or starts without it and says nothing.
  private static final String LOOK =
      """
      echo "user $(id -u)"
      grep CapBnd /proc/1/status
      touch /touched 2>&1 && echo %s
      grep -q nexus.aot /proc/1/maps && echo "%s"
      true
      """
          .formatted(WRITTEN, CACHE_USED);

  private final ComposedPlatform platform;

  ComposeCheck(ComposedPlatform platform) {
    this.platform = platform;
  }

  /// Lags and the like may be there for a moment after a start, and each look starts a container.
  void assertNothingHasToBeMended() {
    Eventually.holds(
        Callers.PATIENCE,
        () -> {
          JsonNode doctor = platform.doctor();
          assertThat(Commands.verdicts(doctor))
              .containsEntry("service", "good")
              .containsEntry("kafka", "good")
              .containsEntry("grants", "good")
              .containsEntry("sessions", "good")
              .containsEntry("topics", "good")
              .containsEntry("redis", "good")
              .containsEntry("redis memory", "good")
              .doesNotContainValue("broken");
          Commands.findings(doctor).values().stream()
              .filter(finding -> finding.path("verdict").asText().equals("doubtful"))
              .forEach(doubt -> System.out.println("ComposeIT: doctor doubts " + doubt));
        });
  }

  void assertContainersAreClosedAndServicesUseTheirCaches() throws InterruptedException {
    List<String> running = platform.running();
    assertThat(running).containsAll(ComposedPlatform.SERVICES);
    for (String service : running) {
      List<String> told = platform.shell(service, LOOK).lines().toList();
      assertThat(told)
          .as(service)
          .anyMatch(line -> line.matches(NO_ROOT))
          .contains(NO_CAPABILITY)
          .doesNotContain(WRITTEN);
      // Kafka's image writes its configuration.
      if (!service.startsWith("kafka-")) {
        assertThat(told).as(service).anyMatch(line -> line.endsWith(READ_ONLY));
      }
      if (ComposedPlatform.SERVICES.contains(service)) {
        assertThat(told).as(service).contains(CACHE_USED);
      }
    }
  }

  /// By the lines of the page, from containers that are healthy.
  void assertPageLeadsToAnAnswer() throws IOException, InterruptedException {
    String lines = new PageExamples("compose.md").example("bash", "until NEXUS_KEY=");
    assertThat(platform.paste(lines)).contains("Hello, Ada!");
  }

  /// From this machine, where everybody on it reaches the ports.
  void assertOthersAreRefused() throws IOException, InterruptedException {
    StrangerCheck.assertMayNeitherReadFactsNorAskForWork(
        new KafkaClients(platform.as("integration")));
    // Who names no user is hung up on, and tries again until it gives up.
    assertRefused(clients(Map.of()).impatientAdmin(), TimeoutException.class);
    // Who names a wrong one is told so, however long that takes.
    assertRefused(
        clients(scram("nexus-operator", "wrong")).admin(), SaslAuthenticationException.class);
    assertRefused(
        clients(scram("nexus-nobody", "wrong")).admin(), SaslAuthenticationException.class);
    // The administrator, who may do everything, is known within the network only.
    String password = platform.password("admin");
    assertThat(password).isNotEmpty();
    assertRefused(clients(scram("admin", password)).admin(), SaslAuthenticationException.class);
    assertRefused(
        clients(as("PLAIN", "plain.Plain", "admin", password)).admin(),
        UnsupportedSaslMechanismException.class);
    try (DocumentedClient http = ApiClients.client()) {
      for (String path : List.of("/v1/apps", "/v1/executions")) {
        var request =
            HttpRequest.newBuilder(URI.create(platform.reads() + path))
                .timeout(Duration.ofMinutes(1));
        assertThat(http.send(request.build(), BodyHandlers.ofString()).statusCode())
            .as(path + " without a key")
            .isEqualTo(401);
        request.header("Authorization", "Bearer nonsense");
        assertThat(http.send(request.build(), BodyHandlers.ofString()).statusCode())
            .as(path + " with a key that nobody issued")
            .isEqualTo(401);
      }
    }
  }

  private static Map<String, String> scram(String name, String password) {
    return as("SCRAM-SHA-512", "scram.Scram", name, password);
  }

  private static Map<String, String> as(
      String mechanism, String module, String name, String password) {
    return Map.of(
        "security.protocol",
        "SASL_PLAINTEXT",
        "sasl.mechanism",
        mechanism,
        "sasl.jaas.config",
        "org.apache.kafka.common.security.%sLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(module, name, password));
  }

  private KafkaClients clients(Map<String, String> connection) {
    Map<String, String> properties = new HashMap<>(connection);
    properties.put("bootstrap.servers", platform.addresses().kafka());
    return new KafkaClients(properties, "");
  }

  private static void assertRefused(Admin admin, Class<? extends Exception> because) {
    try (admin) {
      assertThatThrownBy(() -> admin.describeCluster().nodes().get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(because);
    }
  }
}
