package dev.nexus.checks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;

/// A file by its path from the root, with `/` between names.
record TextFile(String path) implements Comparable<TextFile> {

  String text() {
    try {
      return Files.readString(Repository.root().resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> lines() {
    return text().lines().toList();
  }

  /// What follows the last dot of the name.
  String ending() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  String directory() {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  @Override
  public int compareTo(TextFile other) {
    return path.compareTo(other.path);
  }
}
