package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.nexus.platform.config.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/// The manifests are what Kubernetes takes, and name what there is.
///
/// They run on no cluster here: the types of its OpenAPI document hold them to account.
class KubernetesTest {
  private static final String KUSTOMIZATION = Manifests.BASE + "kustomization.yaml";
  private static final String EXAMPLE = Manifests.BASE + "secret.example.yaml";
  private static final Set<String> SERVICES =
      Set.of("command-service", "projector", "sandbox-executor", "mcp-gateway", "oracle-stream");

  /// What the `restricted` standard allows of those that are used here.
  private static final Set<String> VOLUMES = Set.of("emptyDir", "persistentVolumeClaim");

  private static Map<String, Object> kustomization() {
    return new Yaml().load(new TextFile(KUSTOMIZATION).text());
  }

  @Test
  void shouldBeWhatKubernetesTakes() {
    List<JsonObject> manifests = Manifests.read().all();
    assertThat(manifests).hasSizeGreaterThan(20);
    for (JsonObject manifest : manifests) {
      assertThat(ManifestTypes.problems(manifest)).as(Manifests.name(manifest)).isEmpty();
    }
  }

  @Test
  void shouldFindWhatKubernetesDoesNotTake() {
    assertThat(
            problems(
                "Deployment",
                "projector",
                one ->
                    Manifests.containerOf(one)
                        .getAsJsonObject("securityContext")
                        .addProperty("readOnlyRootFileSystem", true)))
        .contains("`readOnlyRootFileSystem`", "is not defined");
    assertThat(problems("Deployment", "projector", one -> Manifests.spec(one).remove("selector")))
        .contains("required field `selector`");
    assertThat(
            problems(
                "ConfigMap",
                "nexus",
                one -> one.getAsJsonObject("data").addProperty("NEXUS_REPLICATION", 3)))
        .isEqualTo(".data.NEXUS_REPLICATION is 3, which is read as \"3\"");
    assertThat(
            problems(
                "Secret",
                "nexus",
                one -> one.getAsJsonObject("stringData").addProperty("llm-api-key", true)))
        .isEqualTo(".stringData.llm-api-key is true, which is read as \"true\"");
    assertThat(
            problems(
                "StatefulSet",
                "command-service",
                one -> Manifests.spec(one).addProperty("replicas", "2")))
        .isEqualTo(".spec.replicas is \"2\", which is read as 2");
    assertThat(problems("Ingress", "nexus", one -> one.addProperty("apiVersion", "extensions/v1")))
        .isEqualTo("\"extensions/v1\" has no \"Ingress\"");
  }

  /// The one thing that is wrong with a manifest after a change.
  private static String problems(String kind, String name, Consumer<JsonObject> change) {
    JsonObject manifest = Manifests.read().one(kind, name);
    change.accept(manifest);
    List<String> problems = ManifestTypes.problems(manifest);
    assertThat(problems).hasSize(1);
    return problems.getFirst();
  }

  @Test
  void shouldApplyEveryFileButTheExample() {
    Set<String> files =
        Manifests.files().stream()
            .map(TextFile::path)
            .filter(path -> !path.equals(EXAMPLE))
            .map(path -> path.substring(Manifests.BASE.length()))
            .collect(Collectors.toSet());
    assertThat(kustomization().get("resources"))
        .asInstanceOf(InstanceOfAssertFactories.list(String.class))
        .containsExactlyInAnyOrderElementsOf(files);
    List<String> images =
        Manifests.read().workloads().stream()
            .map(workload -> Manifests.containerOf(workload).get("image").getAsString())
            .toList();
    assertThat(kustomization().get("images"))
        .asInstanceOf(InstanceOfAssertFactories.list(Map.class))
        .extracting(image -> String.valueOf(image.get("name")))
        .containsExactlyInAnyOrderElementsOf(images);
  }

  @Test
  void shouldRunEveryServiceClosed() {
    Manifests manifests = Manifests.read();
    assertThat(manifests.workloads()).extracting(Manifests::name).hasSameElementsAs(SERVICES);
    for (JsonObject workload : manifests.workloads()) {
      String name = Manifests.name(workload);
      JsonObject spec = Manifests.podOf(workload);
      JsonObject pod = spec.getAsJsonObject("securityContext");
      JsonObject own = Manifests.containerOf(workload).getAsJsonObject("securityContext");
      assertThat(spec.keySet()).as(name).doesNotContain("hostNetwork", "hostPID", "hostIPC");
      assertThat(pod.get("runAsNonRoot").getAsBoolean()).as(name).isTrue();
      assertThat(pod.get("runAsUser").getAsLong()).as(name).isPositive();
      assertThat(pod.getAsJsonObject("seccompProfile").get("type").getAsString())
          .as(name)
          .isEqualTo("RuntimeDefault");
      assertThat(own.keySet())
          .as(name)
          .containsExactlyInAnyOrder(
              "readOnlyRootFilesystem", "allowPrivilegeEscalation", "capabilities");
      assertThat(own.get("readOnlyRootFilesystem").getAsBoolean()).as(name).isTrue();
      assertThat(own.get("allowPrivilegeEscalation").getAsBoolean()).as(name).isFalse();
      assertThat(own.get("capabilities").toString()).as(name).isEqualTo("{\"drop\":[\"ALL\"]}");
      for (JsonElement volume : spec.getAsJsonArray("volumes")) {
        assertThat(volume.getAsJsonObject().keySet())
            .as(name)
            .allMatch(member -> member.equals("name") || VOLUMES.contains(member));
      }
      assertThat(Manifests.everywhere(workload, "hostPort")).as(name).isEmpty();
      assertThat(Manifests.containerOf(workload).keySet())
          .as(name)
          .contains("startupProbe", "readinessProbe", "livenessProbe", "resources");
    }
    assertThat(manifests.ofKind("PodDisruptionBudget"))
        .extracting(Manifests::name)
        .hasSameElementsAs(SERVICES);
  }

  @Test
  void shouldSetOnlyWhatServicesRead() {
    Manifests manifests = Manifests.read();
    Set<String> known =
        Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.toSet());
    Set<String> set = new TreeSet<>();
    for (JsonObject config : manifests.ofKind("ConfigMap")) {
      set.addAll(config.getAsJsonObject("data").keySet());
    }
    for (JsonObject workload : manifests.workloads()) {
      for (JsonElement variable : Manifests.containerOf(workload).getAsJsonArray("env")) {
        set.add(variable.getAsJsonObject().get("name").getAsString());
      }
    }
    assertThat(set)
        .isNotEmpty()
        .allMatch(name -> known.contains(name) || name.startsWith("NEXUS_KAFKA_"));
  }

  @Test
  void shouldNameOnlyWhatThereIs() {
    assertThat(ManifestNames.missing(Manifests.read())).isEmpty();
    Set<String> keys =
        Manifests.read(file -> file.path().equals(EXAMPLE)).all().stream()
            .flatMap(secret -> secret.getAsJsonObject("stringData").keySet().stream())
            .collect(Collectors.toSet());
    Set<String> used = new TreeSet<>();
    for (JsonObject workload : Manifests.read().workloads()) {
      Manifests.everywhere(workload, "secretKeyRef")
          .forEach(ref -> used.add(ref.getAsJsonObject().get("key").getAsString()));
    }
    assertThat(used).isEqualTo(new TreeSet<>(keys));
  }

  @Test
  void shouldFindNamesThatNothingHas() {
    assertThat(
            missing("Service", "projector", one -> labels(one).addProperty("tier", "projections")))
        .containsExactly("Service projector: selects 0 workloads");
    assertThat(
            missing(
                "Service",
                "projector",
                one -> first(one, "ports").addProperty("targetPort", "https")))
        .containsExactly("Service projector: no port https of projector");
    assertThat(
            missing(
                "PodDisruptionBudget",
                "projector",
                one ->
                    labels(one)
                        .getAsJsonObject("matchLabels")
                        .addProperty("app.kubernetes.io/name", "mcp-gateway")))
        .containsExactly("PodDisruptionBudget projector: is for [mcp-gateway]");
    assertThat(
            missing(
                "NetworkPolicy",
                "ingress-to-command-service",
                one -> first(first(one, "ingress"), "ports").addProperty("port", "web")))
        .containsExactly(
            "NetworkPolicy ingress-to-command-service: no port web of command-service");
    assertThat(
            missing(
                "HorizontalPodAutoscaler",
                "sandbox-executor",
                one ->
                    first(one, "metrics")
                        .getAsJsonObject("external")
                        .getAsJsonObject("metric")
                        .addProperty("name", "nexus_backlog")))
        .containsExactly(
            "HorizontalPodAutoscaler sandbox-executor: nothing measures nexus_backlog");
    assertThat(
            missing(
                "StatefulSet",
                "oracle-stream",
                one -> first(Manifests.podOf(one), "volumes").addProperty("name", "temporary")))
        .containsExactly("StatefulSet oracle-stream: no volume tmp");
  }

  /// The names that nothing has after a change to one manifest.
  private static List<String> missing(String kind, String name, Consumer<JsonObject> change) {
    Manifests manifests = Manifests.read();
    change.accept(manifests.one(kind, name));
    return ManifestNames.missing(manifests);
  }

  private static JsonObject labels(JsonObject manifest) {
    return Manifests.spec(manifest).getAsJsonObject("selector");
  }

  /// The first of a list in a manifest, or in a part of one.
  private static JsonObject first(JsonObject of, String list) {
    JsonObject holder = of.has("spec") ? Manifests.spec(of) : of;
    JsonArray all = holder.getAsJsonArray(list);
    return all.get(0).getAsJsonObject();
  }
}
