package dev.nexus.checks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/// The files of the checkout, without what a build or a tool made.
final class Repository {
  /// Copies of other people's files under `vendor` keep their own style.
  private static final Set<String> SKIPPED =
      Set.of("target", "node_modules", "vendor", "dist", ".git", ".idea", ".vscode");

  private static final Path ROOT = findRoot();
  private static final List<TextFile> FILES = walk();

  private Repository() {}

  static Path root() {
    return ROOT;
  }

  /// All files whose name ends with one of `endings`, ordered by path.
  static List<TextFile> files(String... endings) {
    return FILES.stream().filter(file -> List.of(endings).contains(file.ending())).toList();
  }

  /// Directories that hold a module, as paths from the root; the root itself is none.
  static List<String> modules() {
    return FILES.stream()
        .map(TextFile::path)
        .filter(path -> path.endsWith("/pom.xml"))
        .map(path -> path.substring(0, path.length() - "/pom.xml".length()))
        .toList();
  }

  static boolean exists(String path) {
    return Files.exists(ROOT.resolve(path));
  }

  private static Path findRoot() {
    String told = System.getProperty("nexus.root");
    Path start = Path.of(told == null ? "" : told).toAbsolutePath();
    for (Path dir = start; dir != null; dir = dir.getParent()) {
      if (Files.isDirectory(dir.resolve(".mvn"))) {
        return dir;
      }
    }
    throw new IllegalStateException("No directory with .mvn at or above " + start);
  }

  private static List<TextFile> walk() {
    var found = new ArrayList<TextFile>();
    try {
      Files.walkFileTree(
          ROOT,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
              return SKIPPED.contains(String.valueOf(dir.getFileName()))
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              found.add(new TextFile(ROOT.relativize(file).toString().replace('\\', '/')));
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Collections.sort(found);
    return List.copyOf(found);
  }
}
