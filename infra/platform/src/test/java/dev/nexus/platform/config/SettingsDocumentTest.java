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

  private static final String COMMAND_LINE =
      """

      ## Of the command line

      | variable | meaning |
      |---|---|
      | `NEXUS_URL` | Platform that commands talk to; else the one that runs on the data directory. |
      | `NEXUS_KEY` | Key that commands send; else `cli.key` of the data directory. |
      | `NEXUS_DEBUG` | Set to anything, it prints the stack trace of a failure. |
      | `NEXUS_AOT` | `off` starts without the cache of compiled classes. |
      | `NEXUS_JAVA_OPTS` | Options of the JVM in place of `-XX:+UseG1GC -Xmx1g`. |
      | `NEXUS_SECRET_<NAME>` | Secret that definitions name, where no file of `secrets` in the data directory has its name. |
      """;

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
            that names it, and a variable that is named like a setting and is none is told with the
            nearest that exists. Durations are written as `500ms`, `30s`, `10m`, `24h` or `7d`.

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
    return text.append(COMMAND_LINE).toString();
  }
}
