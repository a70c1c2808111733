package dev.nexus.checks;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.nexus.event.task.Lane;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.stream.ShareGroups;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What manifests name of each other: pods by their labels, ports, what holds values, what is
/// scaled and by which measure.
final class ManifestNames {
  private static final Pattern ADDRESS = Pattern.compile("http://([a-z-]+):([0-9]+)");

  private final Manifests manifests;
  private final List<String> missing = new ArrayList<>();

  private ManifestNames(Manifests manifests) {
    this.manifests = manifests;
  }

  /// The names that nothing has; none if all is right.
  static List<String> missing(Manifests manifests) {
    var names = new ManifestNames(manifests);
    manifests.workloads().forEach(names::lookAtWorkload);
    manifests.ofKind("Service").forEach(names::lookAtService);
    manifests.ofKind("PodDisruptionBudget").forEach(names::lookAtBudget);
    manifests.ofKind("NetworkPolicy").forEach(names::lookAtPolicy);
    manifests.ofKind("Ingress").forEach(names::lookAtIngress);
    manifests.ofKind("HorizontalPodAutoscaler").forEach(names::lookAtScaler);
    return names.missing;
  }

  private void require(boolean there, JsonObject manifest, String what) {
    if (!there) {
      missing.add(
          manifest.get("kind").getAsString() + " " + Manifests.name(manifest) + ": " + what);
    }
  }

  private void lookAtWorkload(JsonObject workload) {
    JsonObject spec = Manifests.spec(workload);
    JsonObject container = Manifests.containerOf(workload);
    require(
        takes(spec.getAsJsonObject("selector"), workload),
        workload,
        "does not select its own pods");
    for (JsonElement selector : Manifests.everywhere(spec, "labelSelector")) {
      require(takes(selector.getAsJsonObject(), workload), workload, "spreads " + selector);
    }
    if (spec.has("serviceName")) {
      requireKind(workload, "Service", spec.get("serviceName"));
    }
    for (String probe : List.of("tcpSocket", "httpGet")) {
      for (JsonElement asked : Manifests.everywhere(container, probe)) {
        requirePort(workload, workload, asked.getAsJsonObject().get("port"));
      }
    }
    requireValues(workload, container);
    Set<String> volumes = new TreeSet<>();
    Manifests.podOf(workload)
        .getAsJsonArray("volumes")
        .forEach(volume -> volumes.add(volume.getAsJsonObject().get("name").getAsString()));
    if (spec.has("volumeClaimTemplates")) {
      spec.getAsJsonArray("volumeClaimTemplates")
          .forEach(claim -> volumes.add(Manifests.name(claim.getAsJsonObject())));
    }
    for (JsonElement mount : container.getAsJsonArray("volumeMounts")) {
      String volume = mount.getAsJsonObject().get("name").getAsString();
      require(volumes.contains(volume), workload, "no volume " + volume);
    }
  }

  private void requireValues(JsonObject workload, JsonObject container) {
    for (JsonElement map : Manifests.everywhere(container, "configMapRef")) {
      requireKind(workload, "ConfigMap", map.getAsJsonObject().get("name"));
    }
    for (JsonElement secret : Manifests.everywhere(container, "secretKeyRef")) {
      requireKind(workload, "Secret", secret.getAsJsonObject().get("name"));
    }
    for (JsonElement claim : Manifests.everywhere(Manifests.podOf(workload), "claimName")) {
      requireKind(workload, "PersistentVolumeClaim", claim);
    }
    for (JsonElement value : Manifests.everywhere(container.getAsJsonArray("env"), "value")) {
      var address = ADDRESS.matcher(value.getAsString());
      if (address.matches()) {
        require(
            manifests.ofKind("Service").stream()
                .filter(service -> Manifests.name(service).equals(address.group(1)))
                .flatMap(service -> Manifests.everywhere(service, "port").stream())
                .anyMatch(port -> port.getAsString().equals(address.group(2))),
            workload,
            "nothing at " + value.getAsString());
      }
    }
  }

  private void lookAtService(JsonObject service) {
    var labels = new JsonObject();
    labels.add("matchLabels", Manifests.spec(service).get("selector"));
    List<JsonObject> selected = selected(labels);
    require(selected.size() == 1, service, "selects " + selected.size() + " workloads");
    for (JsonElement port : Manifests.spec(service).getAsJsonArray("ports")) {
      for (JsonObject workload : selected) {
        requirePort(service, workload, port.getAsJsonObject().get("targetPort"));
      }
    }
  }

  private void lookAtBudget(JsonObject budget) {
    List<String> selected =
        selected(Manifests.spec(budget).getAsJsonObject("selector")).stream()
            .map(Manifests::name)
            .toList();
    require(selected.equals(List.of(Manifests.name(budget))), budget, "is for " + selected);
  }

  private void lookAtPolicy(JsonObject policy) {
    List<JsonObject> reached = selected(Manifests.spec(policy).getAsJsonObject("podSelector"));
    require(!reached.isEmpty(), policy, "selects no workload");
    for (JsonElement ports : Manifests.everywhere(policy, "ports")) {
      for (JsonElement port : ports.getAsJsonArray()) {
        for (JsonObject workload : reached) {
          requirePort(policy, workload, port.getAsJsonObject().get("port"));
        }
      }
    }
    for (JsonElement from : Manifests.everywhere(policy, "from")) {
      for (JsonElement peer : from.getAsJsonArray()) {
        if (peer.getAsJsonObject().has("podSelector")) {
          require(
              !selected(peer.getAsJsonObject().getAsJsonObject("podSelector")).isEmpty(),
              policy,
              "lets nobody in by " + peer);
        }
      }
    }
  }

  private void lookAtIngress(JsonObject ingress) {
    for (JsonElement backend : Manifests.everywhere(ingress, "backend")) {
      JsonObject wanted = backend.getAsJsonObject().getAsJsonObject("service");
      requireKind(ingress, "Service", wanted.get("name"));
      JsonElement port = wanted.getAsJsonObject("port").get("name");
      require(
          manifests.ofKind("Service").stream()
              .filter(service -> Manifests.name(service).equals(wanted.get("name").getAsString()))
              .flatMap(service -> Manifests.spec(service).getAsJsonArray("ports").asList().stream())
              .anyMatch(offered -> port.equals(offered.getAsJsonObject().get("name"))),
          ingress,
          "no port " + port);
    }
  }

  private void lookAtScaler(JsonObject scaler) {
    JsonObject target = Manifests.spec(scaler).getAsJsonObject("scaleTargetRef");
    requireKind(scaler, target.get("kind").getAsString(), target.get("name"));
    for (JsonElement found : Manifests.everywhere(scaler, "metric")) {
      JsonObject metric = found.getAsJsonObject();
      String name = metric.get("name").getAsString();
      require(name.equals(Measure.BACKLOG.prometheusName()), scaler, "nothing measures " + name);
      metric
          .getAsJsonObject("selector")
          .getAsJsonObject("matchLabels")
          .entrySet()
          .forEach(
              label -> {
                String value = label.getValue().getAsString();
                require(
                    Measure.BACKLOG.labels().contains(label.getKey()) && isLane(value),
                    scaler,
                    "nothing waits for " + label.getKey() + " " + value);
              });
    }
  }

  private static boolean isLane(String reader) {
    return Arrays.stream(Lane.values()).map(ShareGroups::ofLane).anyMatch(reader::equals);
  }

  private void requireKind(JsonObject of, String kind, JsonElement name) {
    require(
        manifests.ofKind(kind).stream()
            .anyMatch(one -> Manifests.name(one).equals(name.getAsString())),
        of,
        "no " + kind + " " + name.getAsString());
  }

  private void requirePort(JsonObject of, JsonObject workload, JsonElement port) {
    Set<String> ports = new TreeSet<>();
    for (JsonElement one : Manifests.containerOf(workload).getAsJsonArray("ports")) {
      ports.add(one.getAsJsonObject().get("name").getAsString());
      ports.add(one.getAsJsonObject().get("containerPort").getAsString());
    }
    require(
        ports.contains(port.getAsString()),
        of,
        "no port " + port.getAsString() + " of " + Manifests.name(workload));
  }

  private List<JsonObject> selected(JsonObject selector) {
    return manifests.workloads().stream().filter(one -> takes(selector, one)).toList();
  }

  /// Whether a selector takes the pods of a workload. An empty one takes all.
  private static boolean takes(JsonObject selector, JsonObject workload) {
    JsonObject labels =
        Manifests.spec(workload)
            .getAsJsonObject("template")
            .getAsJsonObject("metadata")
            .getAsJsonObject("labels");
    boolean taken = true;
    if (selector.has("matchLabels")) {
      for (var wanted : selector.getAsJsonObject("matchLabels").entrySet()) {
        taken &= wanted.getValue().equals(labels.get(wanted.getKey()));
      }
    }
    if (selector.has("matchExpressions")) {
      for (JsonElement one : selector.getAsJsonArray("matchExpressions")) {
        JsonObject expression = one.getAsJsonObject();
        if (!expression.get("operator").getAsString().equals("In")) {
          throw new IllegalStateException("an operator that is not known here: " + expression);
        }
        JsonArray values = expression.getAsJsonArray("values");
        String key = expression.get("key").getAsString();
        taken &= labels.has(key) && values.contains(labels.get(key));
      }
    }
    return taken;
  }
}
