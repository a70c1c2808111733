package dev.nexus.standalone.doctor;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.platform.snapshot.FactCoverage.Reach;
import dev.nexus.platform.snapshot.SnapshotIndex;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/// How far a partition of `nexus.executions` is covered, in words: facts may be deleted up to where
/// all who need them can go on from something else. For router and projector that is the older of
/// their two snapshots, so that one damaged file costs nothing; who has one only needs all facts.
///
/// @param end offset of the next fact
/// @param reaches of all who need its facts
record PartitionCoverage(TopicPartition partition, long end, List<Reach> reaches) {

  /// How many partitions are covered and up to where, and who is missing for the others.
  static String summary(List<PartitionCoverage> partitions) {
    List<PartitionCoverage> covered =
        partitions.stream().filter(PartitionCoverage::isCovered).toList();
    String least =
        covered.stream()
            .max(Comparator.comparingLong(one -> one.end - one.covered()))
            .map(one -> one.in(partitions, ", furthest back ") + " " + one.upTo())
            .orElse("");
    String missing = missing(partitions);
    return covered.size()
        + " of "
        + Finding.count(partitions.size(), "partition")
        + " covered by all who need facts"
        + least
        + (missing.isEmpty() ? "" : "; not yet by " + missing);
  }

  /// Each that some partition lacks, with what it has there; together where that is the same.
  private static String missing(List<PartitionCoverage> partitions) {
    Map<String, List<String>> places = new TreeMap<>();
    for (PartitionCoverage one : partitions) {
      for (Reach reach : one.silent()) {
        places
            .computeIfAbsent(reach.owner().name(), _ -> new ArrayList<>())
            .add((one.in(partitions, "") + " " + one.has(reach)).strip());
      }
    }
    Map<String, List<String>> owners = new LinkedHashMap<>();
    places.forEach(
        (owner, has) -> owners.computeIfAbsent(firstOf(has), _ -> new ArrayList<>()).add(owner));
    return owners.entrySet().stream()
        .map(each -> String.join(", ", each.getValue()) + " (" + each.getKey() + ")")
        .collect(Collectors.joining(", "));
  }

  private static String firstOf(List<String> places) {
    int others = places.size() - 1;
    return places.getFirst()
        + (others == 0 ? "" : "; and " + Finding.count(others, "other partition"));
  }

  /// Its name, where there are more to be taken for it.
  private String in(List<PartitionCoverage> all, String before) {
    return all.size() == 1 ? "" : before + partition + ":";
  }

  boolean isCovered() {
    return silent().isEmpty();
  }

  private List<Reach> silent() {
    return reaches.stream().filter(reach -> reach.covered().isEmpty()).toList();
  }

  /// The offset before which nobody needs a fact.
  private long covered() {
    return reaches.stream().mapToLong(reach -> reach.covered().orElse(0)).min().orElse(0);
  }

  private String upTo() {
    return "up to " + covered() + " of " + end;
  }

  /// What keeps its old facts: who has too little, or who reaches least.
  String kept() {
    return isCovered()
        ? "covered "
            + upTo()
            + " only, by "
            + reaches.stream()
                .filter(reach -> reach.covered().orElse(0) == covered())
                .map(reach -> reach.owner().name())
                .collect(Collectors.joining(", "))
        : "not yet covered by "
            + silent().stream()
                .map(reach -> reach.owner().name() + " (" + has(reach) + ")")
                .collect(Collectors.joining(", "));
  }

  /// What somebody has who may need all facts.
  private String has(Reach reach) {
    if (keepsNoFiles(reach.owner())) {
      return "has said nothing";
    }
    return reach.snapshots().size()
        + " of "
        + SnapshotIndex.KEPT
        + " snapshots"
        + (reach.snapshots().isEmpty()
            ? ""
            : ", up to " + reach.snapshots().getFirst() + " of " + end);
  }

  private static boolean keepsNoFiles(Owner owner) {
    return owner.layout() == 0;
  }
}
