package dev.nexus.command.definition;

import dev.nexus.command.definition.Located.Mark;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.NearestNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// Everything that is wrong with a definition, collected while it is read, so that its author sees
/// all of it at once. What is only worth a remark is collected apart.
final class Faults {
  private static final int SHOWN = 100;

  private final List<Fault> faults = new ArrayList<>();
  private final List<Fault> remarks = new ArrayList<>();

  void add(Mark mark, String detail, String expected, String found) {
    add(mark, detail, expected, found, List.of());
  }

  /// A name that is none of the valid ones.
  void unknown(Mark mark, String detail, String found, Collection<String> valid) {
    add(mark, detail, "one of " + String.join(", ", valid), found, NearestNames.of(found, valid));
  }

  void add(Mark mark, String detail, String expected, String found, List<String> nearest) {
    if (faults.size() < SHOWN) {
      faults.add(fault(mark, detail, expected, found, nearest));
    }
  }

  void add(FileSyntaxException e) {
    add(e.mark(), String.valueOf(e.getMessage()), "", "");
  }

  void remark(Mark mark, String detail) {
    remarks.add(fault(mark, detail, "", "", List.of()));
  }

  boolean none() {
    return faults.isEmpty();
  }

  /// In the order of the files, however they were read.
  List<Fault> all() {
    return faults.stream()
        .sorted(
            Comparator.comparing(Fault::file)
                .thenComparingInt(Fault::line)
                .thenComparingInt(Fault::column))
        .toList();
  }

  List<Fault> remarks() {
    return List.copyOf(remarks);
  }

  private static Fault fault(
      Mark mark, String detail, String expected, String found, List<String> nearest) {
    return new Fault("", mark.file(), mark.line(), mark.column(), detail, expected, found, nearest);
  }
}
