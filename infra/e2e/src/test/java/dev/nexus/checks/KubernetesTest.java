package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.nexus.platform.config.Setting;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/// The manifests are what Kubernetes takes, and name what there is.
///
/// They run on no cluster here: the types of its OpenAPI document hold them to account.
class KubernetesTest {
  private static final String BASE = "infra/kubernetes/base/";
  private static final String EXAMPLE = BASE + "secret.example.yaml";
  private static final Set<String> SERVICES =
      Set.of("command-service", "projector", "sandbox-executor", "mcp-gateway", "oracle-stream");

  /// Throws for a member that the type does not have, or lacks.
  private interface Check {
    void validate(JsonElement manifest) throws IOException;
  }

  private record Kind(Class<?> type, Check check) {}

  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry("ConfigMap", new Kind(V1ConfigMap.class, V1ConfigMap::validateJsonElement)),
          Map.entry("Deployment", new Kind(V1Deployment.class, V1Deployment::validateJsonElement)),
          Map.entry("Ingress", new Kind(V1Ingress.class, V1Ingress::validateJsonElement)),
          Map.entry("Namespace", new Kind(V1Namespace.class, V1Namespace::validateJsonElement)),
          Map.entry(
              "NetworkPolicy",
              new Kind(V1NetworkPolicy.class, V1NetworkPolicy::validateJsonElement)),
          Map.entry(
              "PersistentVolumeClaim",
              new Kind(
                  V1PersistentVolumeClaim.class, V1PersistentVolumeClaim::validateJsonElement)),
          Map.entry(
              "PodDisruptionBudget",
              new Kind(V1PodDisruptionBudget.class, V1PodDisruptionBudget::validateJsonElement)),
          Map.entry("Secret", new Kind(V1Secret.class, V1Secret::validateJsonElement)),
          Map.entry("Service", new Kind(V1Service.class, V1Service::validateJsonElement)),
          Map.entry(
              "StatefulSet", new Kind(V1StatefulSet.class, V1StatefulSet::validateJsonElement)),
          Map.entry(
              "HorizontalPodAutoscaler",
              new Kind(
                  V2HorizontalPodAutoscaler.class,
                  V2HorizontalPodAutoscaler::validateJsonElement)));

  private static List<TextFile> files() {
    return Repository.files("yaml").stream()
        .filter(file -> file.path().startsWith(BASE))
        .filter(file -> !file.path().endsWith("/kustomization.yaml"))
        .toList();
  }

  private static List<JsonObject> manifests(Predicate<TextFile> wanted) {
    List<JsonObject> all = new ArrayList<>();
    files().stream()
        .filter(wanted)
        .forEach(
            file ->
                new Yaml()
                    .loadAll(file.text())
                    .forEach(one -> all.add(JSON.getGson().toJsonTree(one).getAsJsonObject())));
    return all;
  }

  private static List<JsonObject> ofKind(String... kinds) {
    return manifests(file -> true).stream()
        .filter(one -> List.of(kinds).contains(one.get("kind").getAsString()))
        .toList();
  }

  private static String name(JsonObject manifest) {
    return manifest.getAsJsonObject("metadata").get("name").getAsString();
  }

  private static JsonObject podOf(JsonObject workload) {
    return workload.getAsJsonObject("spec").getAsJsonObject("template").getAsJsonObject("spec");
  }

  private static JsonObject containerOf(JsonObject workload) {
    JsonArray containers = podOf(workload).getAsJsonArray("containers");
    assertThat(containers).as(name(workload)).hasSize(1);
    return containers.get(0).getAsJsonObject();
  }

  /// The values of all members of this name, at any depth.
  private static List<JsonElement> all(JsonElement in, String member) {
    List<JsonElement> found = new ArrayList<>();
    if (in.isJsonArray()) {
      in.getAsJsonArray().forEach(element -> found.addAll(all(element, member)));
    } else if (in.isJsonObject()) {
      in.getAsJsonObject()
          .entrySet()
          .forEach(
              entry -> {
                if (entry.getKey().equals(member)) {
                  found.add(entry.getValue());
                }
                found.addAll(all(entry.getValue(), member));
              });
    }
    return found;
  }

  @Test
  void shouldBeWhatKubernetesTakes() throws IOException {
    List<JsonObject> manifests = manifests(file -> true);
    assertThat(manifests).hasSizeGreaterThan(20);
    for (JsonObject manifest : manifests) {
      Kind kind = KINDS.get(manifest.get("kind").getAsString());
      assertThat(kind).as("%s", manifest.get("kind")).isNotNull();
      kind.check().validate(manifest);
      assertThat(JSON.getGson().fromJson(manifest, kind.type())).isNotNull();
    }
  }

  @Test
  void shouldApplyEveryFileButTheExample() {
    Map<String, Object> kustomization =
        new Yaml().load(new TextFile(BASE + "kustomization.yaml").text());
    Set<String> files =
        files().stream()
            .map(TextFile::path)
            .filter(path -> !path.equals(EXAMPLE))
            .map(path -> path.substring(BASE.length()))
            .collect(Collectors.toSet());
    assertThat(kustomization.get("resources"))
        .asInstanceOf(InstanceOfAssertFactories.list(String.class))
        .containsExactlyInAnyOrderElementsOf(files);
  }

  @Test
  void shouldRunEveryServiceClosed() {
    List<JsonObject> workloads = ofKind("Deployment", "StatefulSet");
    assertThat(workloads).extracting(KubernetesTest::name).hasSameElementsAs(SERVICES);
    for (JsonObject workload : workloads) {
      JsonObject pod = podOf(workload).getAsJsonObject("securityContext");
      JsonObject own = containerOf(workload).getAsJsonObject("securityContext");
      assertThat(pod.get("runAsNonRoot").getAsBoolean()).as(name(workload)).isTrue();
      assertThat(own.get("readOnlyRootFilesystem").getAsBoolean()).as(name(workload)).isTrue();
      assertThat(own.get("allowPrivilegeEscalation").getAsBoolean()).isFalse();
      assertThat(own.getAsJsonObject("capabilities").getAsJsonArray("drop").get(0).getAsString())
          .isEqualTo("ALL");
      assertThat(containerOf(workload).keySet())
          .as(name(workload))
          .contains("startupProbe", "readinessProbe", "livenessProbe", "resources");
    }
    assertThat(ofKind("PodDisruptionBudget"))
        .extracting(KubernetesTest::name)
        .hasSameElementsAs(SERVICES);
  }

  @Test
  void shouldSetOnlyWhatServicesRead() {
    Set<String> known =
        Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.toSet());
    Set<String> set = new TreeSet<>();
    for (JsonObject config : ofKind("ConfigMap")) {
      set.addAll(config.getAsJsonObject("data").keySet());
    }
    for (JsonObject workload : ofKind("Deployment", "StatefulSet")) {
      for (JsonElement variable : containerOf(workload).getAsJsonArray("env")) {
        set.add(variable.getAsJsonObject().get("name").getAsString());
      }
    }
    assertThat(set)
        .isNotEmpty()
        .allMatch(name -> known.contains(name) || name.startsWith("NEXUS_KAFKA_"));
  }

  @Test
  void shouldNameOnlyWhatThereIs() {
    Set<String> keys =
        manifests(file -> file.path().equals(EXAMPLE)).stream()
            .flatMap(secret -> secret.getAsJsonObject("stringData").keySet().stream())
            .collect(Collectors.toSet());
    Set<String> used = new TreeSet<>();
    for (JsonObject workload : ofKind("Deployment", "StatefulSet")) {
      all(workload, "secretKeyRef")
          .forEach(ref -> used.add(ref.getAsJsonObject().get("key").getAsString()));
    }
    assertThat(used).isEqualTo(new TreeSet<>(keys));
    assertThat(ofKind("HorizontalPodAutoscaler")).allMatch(one -> SERVICES.contains(name(one)));
    for (JsonObject ingress : ofKind("Ingress")) {
      for (JsonElement backend : all(ingress, "backend")) {
        assertThat(ofKind("Service"))
            .extracting(KubernetesTest::name)
            .contains(
                backend.getAsJsonObject().getAsJsonObject("service").get("name").getAsString());
      }
    }
    for (JsonElement claim : all(arrayOf(ofKind("Deployment", "StatefulSet")), "claimName")) {
      assertThat(ofKind("PersistentVolumeClaim"))
          .extracting(KubernetesTest::name)
          .contains(claim.getAsString());
    }
  }

  private static JsonArray arrayOf(List<JsonObject> objects) {
    JsonArray array = new JsonArray();
    objects.forEach(array::add);
    return array;
  }
}
