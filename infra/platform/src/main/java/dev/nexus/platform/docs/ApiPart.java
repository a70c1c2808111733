package dev.nexus.platform.docs;

import java.util.List;

/// What a module offers over HTTP, as a bean: the one place that describes its operations. Tests
/// hold it equal to the routes of the module's controllers, and every answer they get to it.
public interface ApiPart {
  List<Chapter> chapters();

  /// Where its chapters stand among those of others: the lowest first.
  default int place() {
    return 9;
  }

  /// Operations that belong together.
  record Chapter(String title, String about, List<Operation> operations) {
    public Chapter {
      operations = List.copyOf(operations);
    }

    public static Chapter of(String title, String about, Operation... operations) {
      return new Chapter(title, about, List.of(operations));
    }
  }
}
