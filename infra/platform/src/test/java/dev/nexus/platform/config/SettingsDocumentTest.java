package dev.nexus.platform.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// `docs/settings.md` is the table of settings and nothing else.
class SettingsDocumentTest {
  private static final Path DOCUMENT = Path.of("../../docs/settings.md");

  /// Run with -Dnexus.docs=write to have the document written anew.
  @Test
  void shouldDocumentEverySetting() throws IOException {
    String needed = document();
    if ("write".equals(System.getProperty("nexus.docs"))) {
      Files.createDirectories(DOCUMENT.getParent());
      Files.writeString(DOCUMENT, needed);
    }
    assertThat(DOCUMENT).content().isEqualTo(needed);
  }

  private static String document() {
    StringBuilder text =
        new StringBuilder(
            """
            # Settings

            Environment variables, read and checked at start: a wrong value ends the start with one line
            that names it, and a variable that is named like a setting and is none is told, at the start and by
            `./nexus doctor`, with the nearest that exists. Durations are written as `500ms`, `30s`, `10m`, `24h` or `7d`. Variables of the
            command line are in [its page](cli.md).

            | variable | kind | default | meaning |
            |---|---|---|---|
            """);
    for (Setting setting : Setting.values()) {
      text.append("| `")
          .append(setting.variable())
          .append("` | ")
          .append(setting.kind().name().toLowerCase(Locale.ROOT))
          .append(" | ")
          .append(setting.defaultValue().isEmpty() ? "" : "`" + setting.defaultValue() + "`")
          .append(" | ")
          .append(setting.meaning())
          .append(" |\n");
    }
    return text.toString();
  }
}
