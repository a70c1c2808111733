package dev.nexus.projector.rebuild;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// What a comparison of the store with the log found.
///
/// @param partitions compared
/// @param records records folded
/// @param names names compared
/// @param different number of differences
/// @param differences the first of them; at most `Verifier.REPORTED`
/// @param notCompared partitions that could not be compared, each with the reason, as sentences
public record Verification(
    int partitions,
    long records,
    long names,
    long different,
    List<Difference> differences,
    List<String> notCompared) {

  public boolean equal() {
    return different == 0;
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
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
