package dev.nexus.command.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.LoadResult.Loaded;
import dev.nexus.platform.call.SchemaChecks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Applications in this repository, samples and the platform's own.
class ShippedApplicationsTest {
  private static final Path ROOT = Path.of(System.getProperty("nexus.root", ".."));

  static Stream<Path> applications() throws IOException {
    try (var samples = Files.list(ROOT.resolve("infra/samples"));
        var own = Files.list(ROOT.resolve("command-service/src/main/resources/system"))) {
      return Stream.concat(samples.map(sample -> sample.resolve("state")), own)
          .filter(folder -> Files.exists(folder.resolve("app_definition.yaml")))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("applications")
  void shouldLoadWithoutFaults(Path folder) throws IOException {
    // Given
    Map<String, String> files = new TreeMap<>();
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(path).toString(), Files.readString(path));
      }
    }

    // When
    var result =
        new ApplicationLoader(new SchemaChecks(), "gpt-d").load(ApplicationFiles.of(files));

    // Then
    assertThat(result).isInstanceOf(Loaded.class);
    assertThat(((Loaded) result).remarks()).isEmpty();
  }
}
