package dev.nexus.event.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.event.definition.ServiceDefinition.Reach;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ServiceDefinitionTest {
  private static final ServiceDefinition SERVICE =
      new ServiceDefinition(
          "agent",
          "acme/agent:1",
          "acme/agent:0",
          List.of("serve", "--fast"),
          Map.of("MODE", "live", "LEVEL", "2"),
          0.5,
          64L << 20,
          "/data",
          new Reach(8000, "/health", false),
          Duration.ofSeconds(30));

  private static ApplicationDefinition with(List<ServiceDefinition> services) {
    return new ApplicationDefinition(
        "lab", "Lab", "1", List.of(), List.of(), List.of(), Map.of(), List.of(), List.of(),
        services);
  }

  private static ApplicationDefinition read(Json bundle) {
    return PublishedVersion.read(
        "lab", new VersionPublished(NameIds.sha256(bundle.text()), "r", bundle));
  }

  private static void refuse(Consumer<ObjectNode> change, String reason) {
    ObjectNode bundle =
        (ObjectNode) CanonicalJson.read(CanonicalJson.toJson(with(List.of(SERVICE))));
    change.accept((ObjectNode) bundle.get("services").get(0));
    assertThatThrownBy(() -> read(new Json(bundle.toString())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void shouldReadAServiceAsItWasPublished() {
    ApplicationDefinition read = read(CanonicalJson.toJson(with(List.of(SERVICE))));
    assertThat(read.service("agent")).contains(SERVICE);
    assertThat(read.service("others")).isEmpty();
  }

  /// What was published before there were services is the same text as what is published without.
  @Test
  void shouldWriteNothingAboutServicesWhereThereAreNone() {
    assertThat(CanonicalJson.toJson(with(List.of())).text()).doesNotContain("services");
  }

  /// What was published before there were capabilities of services keeps its digest.
  @Test
  void shouldWriteNothingAboutCapabilitiesWhereThereAreNone() {
    assertThat(CanonicalJson.toJson(SERVICE).text()).doesNotContain("capabilities");
  }

  @Test
  void shouldHaveTheSameDigestUntilSomethingOfItChanges() {
    ServiceDefinition read =
        read(CanonicalJson.toJson(with(List.of(SERVICE)))).service("agent").orElseThrow();
    assertThat(read.digest()).isEqualTo(SERVICE.digest());
    var other =
        new ServiceDefinition(
            "agent",
            "acme/agent:2",
            SERVICE.fallbackImage(),
            SERVICE.command(),
            SERVICE.environment(),
            SERVICE.cpus(),
            SERVICE.memoryBytes(),
            SERVICE.volume(),
            SERVICE.reach(),
            SERVICE.startTime());
    assertThat(other.digest()).isNotEqualTo(SERVICE.digest());
  }

  @Test
  void shouldRefuseServicesThatNobodyCanRun() {
    refuse(service -> service.remove("serviceName"), "serviceName expected, found nothing");
    refuse(service -> service.put("image", ""), "agent: an image expected");
    refuse(service -> service.remove("fallbackImage"), "fallbackImage expected, found nothing");
    refuse(service -> service.put("cpus", 0), "cpus of 0.1 to 64");
    refuse(service -> service.put("memoryBytes", 1), "memoryBytes of 8 MiB to 64 GiB");
    refuse(service -> service.put("volume", "data"), "an absolute volume");
    refuse(service -> service.remove("reach"), "reach expected, found nothing");
    refuse(service -> ((ObjectNode) service.get("reach")).put("stdio", true), "a port or stdio");
    refuse(
        service -> ((ObjectNode) service.get("reach")).put("port", 70_000), "port of 0 to 65535");
    refuse(service -> service.remove("startTime"), "startTime expected, found nothing");
  }
}
