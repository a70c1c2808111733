package dev.nexus.projector.rebuild;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How far a rebuild is, as every instance can read it.
///
/// @param instance that does it
/// @param millis from its beginning to now, or to the moment when the last partition was switched
/// @param reason why it failed, else ""
public record RebuildStatus(
    State state, String instance, List<Part> parts, long millis, String reason) {

  public enum State {
    /// There was none since Redis was empty.
    NONE,
    RUNNING,
    /// Everything is switched; what it replaced is being deleted.
    SWEEPING,
    DONE,
    FAILED,
    STOPPED,
    /// Its instance ended; the next rebuild goes on where it was.
    INTERRUPTED;

    boolean over() {
      return switch (this) {
        case RUNNING, SWEEPING -> false;
        case NONE, DONE, FAILED, STOPPED, INTERRUPTED -> true;
      };
    }
  }

  /// One projection.
  ///
  /// @param records folded, of so many there are; `began` of them before this instance took over
  /// @param snapshots of those so many that snapshots had
  /// @param resumed of those so many that the rebuild before had folded
  /// @param switched partitions that are read from the new generation
  public record Part(
      String projection,
      long records,
      long of,
      long began,
      long snapshots,
      long resumed,
      int partitions,
      int switched) {

    /// With another one of the same projection.
    Part plus(Part other) {
      return new Part(
          projection,
          records + other.records,
          of + other.of,
          began + other.began,
          snapshots + other.snapshots,
          resumed + other.resumed,
          partitions + other.partitions,
          switched + other.switched);
    }
  }

  static RebuildStatus none() {
    return new RebuildStatus(State.NONE, "", List.of(), 0, "");
  }

  RebuildStatus with(State now) {
    return new RebuildStatus(now, instance, parts, millis, reason);
  }

  public ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("state", state.name().toLowerCase(Locale.ROOT));
    var projections = json.putArray("projections");
    long folded = 0;
    for (Part part : parts) {
      folded += part.records() - part.began();
      projections
          .addObject()
          .put("projection", part.projection())
          .put("records", part.records())
          .put("of", part.of())
          .put("resumedAt", part.began())
          .put("fromSnapshots", part.snapshots())
          .put("fromRebuild", part.resumed())
          .put("partitions", part.partitions())
          .put("switched", part.switched());
    }
    json.put("seconds", millis / 1_000.0);
    json.put("eventsPerSecond", millis == 0 ? 0 : folded * 1_000 / millis);
    json.put("instance", instance);
    if (!reason.isEmpty()) {
      json.put("reason", reason);
    }
    return json;
  }

  static RebuildStatus parse(String text) {
    JsonNode json = CanonicalJson.read(text);
    List<Part> parts = new ArrayList<>();
    for (JsonNode part : json.path("projections")) {
      parts.add(
          new Part(
              part.path("projection").asText(),
              part.path("records").asLong(),
              part.path("of").asLong(),
              part.path("resumedAt").asLong(),
              part.path("fromSnapshots").asLong(),
              part.path("fromRebuild").asLong(),
              part.path("partitions").asInt(),
              part.path("switched").asInt()));
    }
    return new RebuildStatus(
        State.valueOf(json.path("state").asText().toUpperCase(Locale.ROOT)),
        json.path("instance").asText(),
        parts,
        Math.round(json.path("seconds").asDouble() * 1_000),
        json.path("reason").asText());
  }
}
