package dev.nexus.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NeedsToolTest {
  @TempDir Path bin;

  @BeforeEach
  void installKafkacat() throws IOException {
    assertThat(Files.createFile(bin.resolve("kafkacat")).toFile().setExecutable(true)).isTrue();
  }

  @Test
  void shouldRunWhenOneOfTheAlternativesIsPresent() {
    var result = ToolCondition.evaluate(List.of("kcat|kafkacat"), Map.of("PATH", bin.toString()));

    assertThat(result.isDisabled()).isFalse();
  }

  @Test
  void shouldTakeAComposeThatIsAProgramOfItsOwn() throws IOException {
    assertThat(Files.createFile(bin.resolve("docker-compose")).toFile().setExecutable(true))
        .isTrue();

    var result = ToolCondition.evaluate(List.of("docker-compose"), Map.of("PATH", bin.toString()));

    assertThat(result.isDisabled()).isFalse();
  }

  @Test
  void shouldLeaveTheTestOutWhenAToolIsMissing() {
    var result =
        ToolCondition.evaluate(List.of("kafkacat", "chromium"), Map.of("PATH", bin.toString()));

    assertThat(result.isDisabled()).isTrue();
    assertThat(result.getReason()).contains("chromium is missing");
  }

  @Test
  void shouldFailInCiWhenAToolIsMissing() {
    var environment = Map.of("PATH", bin.toString(), "CI", "true");

    assertThatThrownBy(() -> ToolCondition.evaluate(List.of("chromium"), environment))
        .hasMessage("CI must have chromium installed");
  }
}
