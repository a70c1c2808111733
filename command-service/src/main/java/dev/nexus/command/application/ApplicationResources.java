package dev.nexus.command.application;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Applications on the class path, in a jar or a directory.
public final class ApplicationResources {
  private ApplicationResources() {}

  /// The files of an application, by their paths in it.
  ///
  /// @param folder where its definition is, such as `/system/nexus.oracle`
  public static Map<String, String> files(String folder) {
    String definition = folder + "/app_definition.yaml";
    URL resource = ApplicationResources.class.getResource(definition);
    if (resource == null) {
      throw new IllegalStateException(definition + " is missing from this program");
    }
    try {
      if (resource.openConnection() instanceof JarURLConnection jar) {
        Path file = Path.of(jar.getJarFileURL().toURI());
        try (FileSystem inside = FileSystems.newFileSystem(file, Map.of())) {
          return read(inside.getPath(folder));
        }
      }
      return read(folderOf(Path.of(resource.toURI())));
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(definition + " cannot be read", e);
    }
  }

  private static Path folderOf(Path file) {
    Path folder = file.getParent();
    if (folder == null) {
      throw new IllegalStateException(file + " is in no folder");
    }
    return folder;
  }

  private static Map<String, String> read(Path folder) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      paths
          .filter(Files::isRegularFile)
          .forEach(
              path -> {
                try {
                  files.put(
                      folder.relativize(path).toString().replace('\\', '/'),
                      Files.readString(path));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
    return files;
  }
}
