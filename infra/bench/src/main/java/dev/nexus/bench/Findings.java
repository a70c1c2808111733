package dev.nexus.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// What a benchmark measured. Others read these fields by name, so a name stays what it is.
///
/// @param floor the least it could be here, measured in the same run
/// @param ratio of the result to its floor
record Findings(ObjectNode result, ObjectNode floor, JsonNode ratio) {

  /// The answer of `bench NAME --json`: the findings, where they were made and how often.
  ObjectNode report(String name, int runs) {
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    report.put("name", name);
    report.set("machine", Machine.describe());
    report.put("runs", runs);
    report.set("result", result);
    report.set("floor", floor);
    report.set("ratio", ratio);
    return report;
  }
}
