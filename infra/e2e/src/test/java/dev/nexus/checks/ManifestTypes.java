package dev.nexus.checks;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
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
import java.util.List;
import java.util.Map;

/// Holds manifests to the types of Kubernetes' OpenAPI document.
final class ManifestTypes {
  /// Throws for a member that the type does not have, or lacks.
  private interface Check {
    void validate(JsonElement manifest) throws IOException;
  }

  private record Kind(String apiVersion, Class<?> type, Check check) {}

  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry(
              "ConfigMap", new Kind("v1", V1ConfigMap.class, V1ConfigMap::validateJsonElement)),
          Map.entry(
              "Deployment",
              new Kind("apps/v1", V1Deployment.class, V1Deployment::validateJsonElement)),
          Map.entry(
              "Ingress",
              new Kind("networking.k8s.io/v1", V1Ingress.class, V1Ingress::validateJsonElement)),
          Map.entry(
              "Namespace", new Kind("v1", V1Namespace.class, V1Namespace::validateJsonElement)),
          Map.entry(
              "NetworkPolicy",
              new Kind(
                  "networking.k8s.io/v1",
                  V1NetworkPolicy.class,
                  V1NetworkPolicy::validateJsonElement)),
          Map.entry(
              "PersistentVolumeClaim",
              new Kind(
                  "v1",
                  V1PersistentVolumeClaim.class,
                  V1PersistentVolumeClaim::validateJsonElement)),
          Map.entry(
              "PodDisruptionBudget",
              new Kind(
                  "policy/v1",
                  V1PodDisruptionBudget.class,
                  V1PodDisruptionBudget::validateJsonElement)),
          Map.entry("Secret", new Kind("v1", V1Secret.class, V1Secret::validateJsonElement)),
          Map.entry("Service", new Kind("v1", V1Service.class, V1Service::validateJsonElement)),
          Map.entry(
              "StatefulSet",
              new Kind("apps/v1", V1StatefulSet.class, V1StatefulSet::validateJsonElement)),
          Map.entry(
              "HorizontalPodAutoscaler",
              new Kind(
                  "autoscaling/v2",
                  V2HorizontalPodAutoscaler.class,
                  V2HorizontalPodAutoscaler::validateJsonElement)));

  private ManifestTypes() {}

  /// What of a manifest Kubernetes would not take; nothing if it is right.
  static List<String> problems(JsonObject manifest) {
    Kind kind = KINDS.get(manifest.get("kind").getAsString());
    if (kind == null) {
      return List.of(manifest.get("kind") + " is no kind that is known here");
    }
    if (!manifest.get("apiVersion").getAsString().equals(kind.apiVersion())) {
      return List.of(manifest.get("apiVersion") + " has no " + manifest.get("kind"));
    }
    try {
      kind.check().validate(manifest);
      Gson gson = JSON.getGson();
      List<String> problems = new ArrayList<>();
      compare("", manifest, gson.toJsonTree(gson.fromJson(manifest, kind.type())), problems);
      return List.copyOf(problems);
    } catch (IOException | RuntimeException e) {
      return List.of(e.toString());
    }
  }

  /// The types read a number where a string belongs, and a string for a number; Kubernetes takes
  /// neither. So what was read has to be what is written. It may have more: empty lists.
  private static void compare(
      String at, JsonElement written, JsonElement read, List<String> problems) {
    if (written.isJsonObject() && read.isJsonObject()) {
      JsonObject members = read.getAsJsonObject();
      written
          .getAsJsonObject()
          .entrySet()
          .forEach(
              member -> {
                String name = member.getKey();
                JsonElement found = members.has(name) ? members.get(name) : JsonNull.INSTANCE;
                compare(at + "." + name, member.getValue(), found, problems);
              });
    } else if (written.isJsonArray()
        && read.isJsonArray()
        && written.getAsJsonArray().size() == read.getAsJsonArray().size()) {
      JsonArray elements = written.getAsJsonArray();
      for (int i = 0; i < elements.size(); i++) {
        compare(at + "[" + i + "]", elements.get(i), read.getAsJsonArray().get(i), problems);
      }
    } else if (!written.equals(read)) {
      problems.add(at + " is " + written + ", which is read as " + read);
    }
  }
}
