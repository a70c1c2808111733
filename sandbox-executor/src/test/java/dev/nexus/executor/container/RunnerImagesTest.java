package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.executor.code.Language;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RunnerImagesTest {

  /// `./nexus images build` names what it builds by the version of the POM.
  @Test
  void shouldNameWhatTheBuildOfImagesMakes() throws IOException {
    // Given
    String pom = Files.readString(Path.of(System.getProperty("nexus.root"), "pom.xml"));
    var version = Pattern.compile("</parent>.*?<version>([^<]+)<", Pattern.DOTALL).matcher(pom);
    assertThat(version.find()).isTrue();

    // When
    String image = new RunnerImages("nexus/runner-{runner}:{version}").of(Language.JAVASCRIPT);

    // Then
    assertThat(image).isEqualTo("nexus/runner-node:" + version.group(1).toLowerCase(Locale.ROOT));
  }
}
