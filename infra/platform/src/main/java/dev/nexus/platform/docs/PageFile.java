package dev.nexus.platform.docs;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/// What the page consists of: files of ours, and those of Swagger UI, which come in its WebJar.
enum PageFile {
  INDEX("index.html", Types.HTML, ""),
  STYLE("docs.css", Types.CSS, ""),
  SCRIPT("docs.js", Types.JAVASCRIPT, ""),
  SWAGGER_STYLE("swagger-ui.css", Types.CSS, Types.WEBJAR),
  SWAGGER_SCRIPT("swagger-ui-bundle.js", Types.JAVASCRIPT, Types.WEBJAR);

  private final String fileName;
  private final String mediaType;
  private final String webjar;

  /// @param webjar name of the WebJar that holds it; "" for a file of ours
  PageFile(String fileName, String mediaType, String webjar) {
    this.fileName = fileName;
    this.mediaType = mediaType;
    this.webjar = webjar;
  }

  private static final class Types {
    static final String HTML = "text/html;charset=utf-8";
    static final String CSS = "text/css;charset=utf-8";
    static final String JAVASCRIPT = "text/javascript;charset=utf-8";
    static final String WEBJAR = "swagger-ui";
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
    return read(
        webjar.isEmpty()
            ? fileName
            : "/META-INF/resources/webjars/" + webjar + "/" + version() + "/" + fileName);
  }

  /// Of the WebJar, whose files stand under it.
  private String version() {
    Properties properties = new Properties();
    try {
      properties.load(
          new ByteArrayInputStream(
              read("/META-INF/maven/org.webjars/" + webjar + "/pom.properties")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "");
  }

  private static byte[] read(String resource) {
    try (InputStream in = PageFile.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
