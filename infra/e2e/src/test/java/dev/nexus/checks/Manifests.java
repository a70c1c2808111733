package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.JSON;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.yaml.snakeyaml.Yaml;

/// Manifests of Kubernetes as JSON, read anew each time: a test may change them.
record Manifests(List<JsonObject> all) {
  static final String BASE = "infra/kubernetes/base/";

  static List<TextFile> files() {
    return Repository.files("yaml").stream()
        .filter(file -> file.path().startsWith(BASE))
        .filter(file -> !file.path().endsWith("/kustomization.yaml"))
        .toList();
  }

  static Manifests read() {
    return read(file -> true);
  }

  static Manifests read(Predicate<TextFile> wanted) {
    List<JsonObject> all = new ArrayList<>();
    files().stream()
        .filter(wanted)
        .forEach(
            file ->
                new Yaml()
                    .loadAll(file.text())
                    .forEach(one -> all.add(JSON.getGson().toJsonTree(one).getAsJsonObject())));
    return new Manifests(List.copyOf(all));
  }

  List<JsonObject> ofKind(String... kinds) {
    return all.stream()
        .filter(one -> List.of(kinds).contains(one.get("kind").getAsString()))
        .toList();
  }

  JsonObject one(String kind, String name) {
    return ofKind(kind).stream().filter(one -> name(one).equals(name)).findFirst().orElseThrow();
  }

  List<JsonObject> workloads() {
    return ofKind("Deployment", "StatefulSet");
  }

  static String name(JsonObject manifest) {
    return manifest.getAsJsonObject("metadata").get("name").getAsString();
  }

  static JsonObject spec(JsonObject manifest) {
    return manifest.getAsJsonObject("spec");
  }

  static JsonObject podOf(JsonObject workload) {
    return spec(spec(workload).getAsJsonObject("template"));
  }

  static JsonObject containerOf(JsonObject workload) {
    JsonArray containers = podOf(workload).getAsJsonArray("containers");
    assertThat(containers).as(name(workload)).hasSize(1);
    return containers.get(0).getAsJsonObject();
  }

  /// The values of all members of this name, at any depth.
  static List<JsonElement> everywhere(JsonElement in, String member) {
    List<JsonElement> found = new ArrayList<>();
    if (in.isJsonArray()) {
      in.getAsJsonArray().forEach(element -> found.addAll(everywhere(element, member)));
    } else if (in.isJsonObject()) {
      in.getAsJsonObject()
          .entrySet()
          .forEach(
              entry -> {
                if (entry.getKey().equals(member)) {
                  found.add(entry.getValue());
                }
                found.addAll(everywhere(entry.getValue(), member));
              });
    }
    return found;
  }
}
