package dev.nexus.platform.docs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What the page consists of.
enum PageFile {
  INDEX("index.html", "text/html;charset=utf-8"),
  STYLE("docs.css", "text/css;charset=utf-8"),
  SCRIPT("docs.js", "text/javascript;charset=utf-8");

  private final String fileName;
  private final String mediaType;

  PageFile(String fileName, String mediaType) {
    this.fileName = fileName;
    this.mediaType = mediaType;
  }

  static Optional<PageFile> named(String fileName) {
    return Arrays.stream(values()).filter(file -> file.fileName.equals(fileName)).findFirst();
  }

  static List<String> names() {
    return Arrays.stream(values()).map(file -> file.fileName).toList();
  }

  String mediaType() {
    return mediaType;
  }

  byte[] content() {
    try (InputStream in = PageFile.class.getResourceAsStream(fileName)) {
      if (in == null) {
        throw new IllegalStateException(fileName + " is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
