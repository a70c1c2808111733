package dev.nexus.projector.rebuild;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/// What a comparison of the store with the log found.
///
/// @param partitions compared; those in `notCompared` are not among them
/// @param records records folded
/// @param names names compared
/// @param different number of differences, also of a partition that Redis left in the middle
/// @param differences the first of them; at most `Verifier.REPORTED`
/// @param notCompared partitions that could not be compared, each with the reason, as sentences
public record Verification(
    int partitions,
    long records,
    long names,
    long different,
    List<Difference> differences,
    List<String> notCompared) {

  /// What can be said of it.
  public enum Outcome {
    /// All that was asked about was compared, and is what the log gives.
    EQUAL,
    DIFFERENT,
    /// What was compared is what the log gives, and some was not compared.
    NOT_WHOLE,
    /// No partition could be compared, or none holds anything.
    NOTHING_COMPARED;

    /// As people and machines read it.
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /// That nothing could be compared, for the reason given.
  static Verification none(String reason) {
    return new Verification(0, 0, 0, 0, List.of(), List.of(reason));
  }

  public Outcome outcome() {
    if (different > 0) {
      return Outcome.DIFFERENT;
    }
    if (partitions == 0 || names == 0 && records == 0) {
      return Outcome.NOTHING_COMPARED;
    }
    return notCompared.isEmpty() ? Outcome.EQUAL : Outcome.NOT_WHOLE;
  }

  public boolean equal() {
    return outcome() == Outcome.EQUAL;
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("outcome", outcome().word());
    json.put("equal", equal());
    json.put("partitions", partitions);
    json.put("records", records);
    json.put("names", names);
    json.put("different", different);
    var places = json.putArray("differences");
    for (Difference one : differences) {
      places
          .addObject()
          .put("partition", one.slot().toString())
          .put("position", one.at())
          .put("place", one.place())
          .put("log", one.expected())
          .put("redis", one.found());
    }
    notCompared.forEach(json.putArray("notCompared")::add);
    return json;
  }
}
