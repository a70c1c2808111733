package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TenantId;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.projector.promotion.Fate;
import dev.nexus.projector.promotion.PromotionNames;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Slot;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Who serves each component, why, and on what evidence.
public final class OracleQueries {
  private static final EventCodec<PromotionEvent> CODEC =
      EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class);

  private final ProjectionReads reads;
  private final KeptFacts facts;

  public OracleQueries(ProjectionReads reads, LogLookup log) {
    this.reads = reads;
    this.facts = new KeptFacts(log);
  }

  /// Candidates by what became of them.
  record Candidates(long proposed, long rejected, long promoted, long demoted) {
    static final Candidates NONE = new Candidates(0, 0, 0, 0);

    Candidates plus(Candidates other) {
      return new Candidates(
          proposed + other.proposed,
          rejected + other.rejected,
          promoted + other.promoted,
          demoted + other.demoted);
    }

    ObjectNode json() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("proposed", proposed);
      json.put("rejected", rejected);
      json.put("promoted", promoted);
      json.put("demoted", demoted);
      return json;
    }
  }

  /// Components (`app/component`) a decision was taken about.
  Set<String> known(TenantId tenant) {
    return reads.members(Topic.PROMOTIONS, PromotionNames.known(tenant));
  }

  /// Where a component stands: stage, candidate, verdict, route, candidates by fate. Empty when no
  /// decision was taken about it.
  Optional<ObjectNode> standing(TenantId tenant, String appId, String component) {
    Map<String, String> standing =
        merged(Topic.PROMOTIONS, PromotionNames.standing(tenant, appId, component));
    if (standing.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("app", appId);
    json.put("component", component);
    json.put("stage", standing.getOrDefault("stage", ""));
    json.put("identityDigest", standing.getOrDefault("identityDigest", ""));
    json.put("changedAt", Answers.time(whole(standing, "changedAt")));
    json.put("candidateNumber", whole(standing, "candidateNumber"));
    json.put("candidateHash", standing.getOrDefault("candidateHash", ""));
    if (!standing.getOrDefault("reason", "").isEmpty()) {
      json.put("reason", standing.getOrDefault("reason", ""));
    }
    json.set("verdict", verdict(newest(tenant, appId, component, standing), ""));
    json.set("route", route(tenant, appId, component));
    json.set("candidates", candidates(tenant, appId, component).json());
    return Optional.of(json);
  }

  /// The verdict moves with each comparison, the standing with each decision.
  private Map<String, String> newest(
      TenantId tenant, String appId, String component, Map<String, String> standing) {
    String prefix =
        standing.getOrDefault("identityDigest", "")
            + "/"
            + standing.getOrDefault("candidateNumber", "0")
            + "/";
    Map<String, String> newest = new TreeMap<>(standing);
    merged(Topic.EVIDENCE, PromotionNames.evidence(tenant, appId, component))
        .forEach(
            (name, value) -> {
              if (name.startsWith(prefix)) {
                newest.put(name.substring(prefix.length()), value);
              }
            });
    return newest;
  }

  private static ObjectNode verdict(Map<String, String> fields, String prefix) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    double alpha = real(fields, prefix + "alpha");
    json.put("comparisons", whole(fields, prefix + "comparisons"));
    json.put("disagreements", whole(fields, prefix + "disagreements"));
    json.put("deopts", whole(fields, prefix + "deopts"));
    json.put("logE", real(fields, prefix + "logE"));
    if (alpha > 0) {
      json.put("threshold", -Math.log(alpha));
    }
    json.put("alpha", alpha);
    json.put("epsilon", real(fields, prefix + "epsilon"));
    long comparisons = whole(fields, prefix + "comparisons");
    if (comparisons > 0) {
      var interval = WilsonInterval.of(comparisons, whole(fields, prefix + "disagreements"));
      json.putObject("forInformation")
          .put("method", "Wilson")
          .put("confidence", WilsonInterval.CONFIDENCE)
          .put("low", interval.low())
          .put("high", interval.high());
    }
    return json;
  }

  private ObjectNode route(TenantId tenant, String appId, String component) {
    Map<String, String> route =
        merged(Topic.ROUTES, PromotionNames.route(tenant, appId, component));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("stage", route.getOrDefault("stage", "T0_PROMPT"));
    json.put("identityDigest", route.getOrDefault("identityDigest", ""));
    json.put("candidateHash", route.getOrDefault("candidateHash", ""));
    json.put("codePermille", whole(route, "codePermille"));
    json.put("shadowPermille", whole(route, "shadowPermille"));
    json.put("auditPermille", whole(route, "auditPermille"));
    return json;
  }

  Candidates candidates(TenantId tenant, String appId, String component) {
    return candidates(List.of(PromotionNames.fates(tenant, appId, component)));
  }

  /// The candidates of several components (`app/component`) together.
  Candidates candidates(TenantId tenant, Collection<String> components) {
    return candidates(
        components.stream()
            .map(name -> name.split("/", 2))
            .map(parts -> PromotionNames.fates(tenant, parts[0], parts[1]))
            .toList());
  }

  private Candidates candidates(List<Key> fates) {
    return reads.sums(Topic.PROMOTIONS, fates).values().stream()
        .map(
            counts ->
                new Candidates(
                    counts.getOrDefault(Fate.PROPOSED.name(), 0L),
                    counts.getOrDefault(Fate.REJECTED.name(), 0L),
                    counts.getOrDefault(Fate.PROMOTED.name(), 0L),
                    counts.getOrDefault(Fate.DEMOTED.name(), 0L)))
        .reduce(Candidates.NONE, Candidates::plus);
  }

  private record Decision(Slot slot, long offset, ObjectNode json) {
    static Decision of(Slot slot, ObjectNode json) {
      return new Decision(slot, json.path("position").path("offset").asLong(), json);
    }
  }

  /// Every decision about a component, in the order of the log.
  ArrayNode history(TenantId tenant, String appId, String component) {
    List<Decision> decisions = new ArrayList<>();
    reads
        .hashes(Topic.PROMOTIONS, PromotionNames.history(tenant, appId, component))
        .forEach(
            (slot, kept) ->
                kept.values()
                    .forEach(
                        fact ->
                            facts
                                .json(slot, CODEC, fact)
                                .forEach(json -> decisions.add(Decision.of(slot, json)))));
    ArrayNode history = JsonNodeFactory.instance.arrayNode();
    decisions.stream()
        .sorted(Comparator.comparingLong(Decision::offset))
        .forEach(decision -> history.add(decision.json()));
    return history;
  }

  /// For every candidate: its verdict, what was compared where, and where the records are.
  ArrayNode evidence(TenantId tenant, String appId, String component) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    reads
        .hashes(Topic.EVIDENCE, PromotionNames.evidence(tenant, appId, component))
        .forEach(
            (slot, found) -> {
              Map<String, Map<String, String>> byCandidate = new TreeMap<>();
              ProjectionReads.texts(found)
                  .forEach(
                      (name, value) -> {
                        int cut = name.lastIndexOf('/') + 1;
                        byCandidate
                            .computeIfAbsent(name.substring(0, cut), p -> new LinkedHashMap<>())
                            .put(name.substring(cut), value);
                      });
              byCandidate.forEach((prefix, fields) -> all.add(candidate(slot, prefix, fields)));
            });
    return all;
  }

  private static ObjectNode candidate(Slot slot, String prefix, Map<String, String> fields) {
    String[] parts = prefix.split("/");
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("identityDigest", parts[0]);
    json.put("candidateNumber", Integer.parseInt(parts[1]));
    json.put("candidateHash", fields.getOrDefault("candidateHash", ""));
    json.set("verdict", verdict(fields, ""));
    ObjectNode counted = json.putObject("counted");
    fields.forEach(
        (name, value) -> {
          if (name.startsWith("counted.")) {
            counted.put(name.substring("counted.".length()), Long.parseLong(value));
          }
        });
    ObjectNode location = json.putObject("location");
    location.put("topic", slot.topic());
    location.put("partition", slot.partition());
    location.put("fromOffset", whole(fields, "from"));
    location.put("untilOffset", whole(fields, "until"));
    return json;
  }

  /// A component's records are in one partition, so one of these is filled.
  private Map<String, String> merged(Topic topic, Key key) {
    Map<String, String> merged = new TreeMap<>();
    reads.hashes(topic, key).values().forEach(one -> merged.putAll(ProjectionReads.texts(one)));
    return merged;
  }

  private static long whole(Map<String, String> fields, String name) {
    return Long.parseLong(fields.getOrDefault(name, "0"));
  }

  private static double real(Map<String, String> fields, String name) {
    return Double.parseDouble(fields.getOrDefault(name, "0"));
  }
}
