package dev.nexus.command.definition;

import dev.nexus.command.definition.Located.Mark;
import dev.nexus.platform.http.NearestNames;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The files of an application, by path. The application stands at the root or under `state/`;
/// paths inside its files begin there. All are texts; that of a module is its bytes in base64.
public final class ApplicationFiles {
  /// The one file every application has.
  static final String DEFINITION = "app_definition.yaml";

  private static final String STATE = "state/";
  private static final int LONGEST_PATH = 200;
  private static final Pattern SEGMENT = Pattern.compile("[\\w][\\w.@+-]*|_[\\w.@+-]*");

  private final SortedMap<String, String> files;
  private final String root;

  private ApplicationFiles(SortedMap<String, String> files, String root) {
    this.files = files;
    this.root = root;
  }

  public static ApplicationFiles of(Map<String, String> files) {
    SortedMap<String, String> sorted = new TreeMap<>(files);
    return new ApplicationFiles(sorted, sorted.containsKey(STATE + DEFINITION) ? STATE : "");
  }

  /// All of them, by the path they were given with.
  public SortedMap<String, String> all() {
    return java.util.Collections.unmodifiableSortedMap(files);
  }

  /// The path as its author knows it.
  String path(String inside) {
    return root + inside;
  }

  Optional<String> text(String inside) {
    return Optional.ofNullable(files.get(root + inside));
  }

  /// Paths of a folder, inside the application.
  List<String> in(String folder) {
    return files.keySet().stream()
        .filter(path -> path.startsWith(root + folder + "/"))
        .map(path -> path.substring(root.length()))
        .toList();
  }

  List<String> nearest(String inside, Collection<String> candidates) {
    return NearestNames.of(inside, candidates);
  }

  /// Reports modules that are none, used or not: what is no base64 could not be kept.
  void checkModules(int most, Faults faults) {
    files.forEach(
        (path, text) -> {
          if (ModuleFile.isOne(path)) {
            ModuleFile.check(new Mark(path, 0, 0), text, most, faults);
          }
        });
  }

  /// Reports paths that could lead out of the application or into Git's own files.
  void checkPaths(Faults faults) {
    for (String path : files.keySet()) {
      boolean good =
          path.length() <= LONGEST_PATH
              && !path.isEmpty()
              && java.util.Arrays.stream(path.split("/", -1))
                  .allMatch(segment -> SEGMENT.matcher(segment).matches());
      if (!good) {
        faults.add(
            new Mark(path, 0, 0),
            "not a path for a file of an application",
            "letters, digits, '_', '-', '.', '@', '+' between slashes, no part beginning with '.'",
            "'" + path + "'");
      }
    }
    if (!files.containsKey(root + DEFINITION)) {
      faults.add(
          new Mark(DEFINITION, 0, 0),
          "the application has no definition",
          DEFINITION + " or " + STATE + DEFINITION,
          files.isEmpty() ? "no files" : String.join(", ", files.keySet()),
          NearestNames.of(DEFINITION, files.keySet()));
    }
  }
}
