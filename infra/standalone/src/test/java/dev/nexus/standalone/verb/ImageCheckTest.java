package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.container.ImageProbe.Report;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageCheckTest {
  private static Report report(String javaScript, String python, String tools, String commands) {
    return new Report(
        new EnumMap<>(Map.of(Language.JAVASCRIPT, javaScript, Language.PYTHON, python)),
        tools,
        "none",
        commands,
        Duration.ofMillis(312),
        Duration.ofNanos(2_340_000));
  }

  @Test
  void shouldSayOfEachThingWhetherItWorksOrWhatCameOfIt() {
    // Given
    Report report = report("CRASH: no Node", "", "", "");

    // Then
    assertThat(ImageCheck.lines("acme/tools:1", report))
        .containsExactly(
            "javascript     CRASH: no Node",
            "python         works",
            "tools          works",
            "its own        none",
            "commands       works",
            "first answer   312 ms",
            "next answer    2.3 ms",
            "A pool can use acme/tools:1.");
    assertThat(CanonicalJson.read(ImageCheck.json("acme/tools:1", report).toString()))
        .isEqualTo(
            CanonicalJson.read(
                """
                {"image": "acme/tools:1", "usable": true,
                 "languages": {"javascript": "CRASH: no Node", "python": ""},
                 "tools": "", "ownHandler": "none", "commands": "",
                 "firstAnswerMs": 312.0, "nextAnswerMs": 2.3}
                """));
  }

  @Test
  void shouldCallAnImageOfUseThatRunsCommandsOnlyAndNoneThatRunsNothing() {
    // When
    Report commandsOnly = report("LOST: ended", "LOST: ended", "not tried", "");
    Report nothing = report("LOST: ended", "LOST: ended", "not tried", "LOST: ended");

    // Then
    assertThat(ImageCheck.lines("acme/jq:1", commandsOnly)).endsWith("A pool can use acme/jq:1.");
    assertThat(ImageCheck.json("acme/jq:1", nothing).path("usable").asBoolean()).isFalse();
    assertThat(ImageCheck.lines("acme/jq:1", nothing))
        .contains("commands       LOST: ended")
        .endsWith("No pool can use acme/jq:1: see docs/runner-images.md.");
  }
}
