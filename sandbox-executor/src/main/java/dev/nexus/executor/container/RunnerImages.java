package dev.nexus.executor.container;

import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program;
import dev.nexus.executor.code.Program.Command;
import dev.nexus.executor.code.Program.ImageHandler;
import dev.nexus.executor.code.Program.Module;
import dev.nexus.executor.code.Program.Script;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;

/// Which image runs a program: the pool's own, or the platform's runner of the language.
///
/// @param pattern reference with `{runner}` where `python` or `node` stands, and `{version}` where
///     that of Nexus does
record RunnerImages(String pattern) {
  private static final String RUNNER = "{runner}";
  private static final String VERSION = "{version}";

  RunnerImages {
    pattern = pattern.replace(VERSION, version().toLowerCase(Locale.ROOT));
  }

  /// As the build has it, which names the images that it makes by it.
  private static String version() {
    try (InputStream text = RunnerImages.class.getResourceAsStream("version.txt")) {
      return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8)
          .strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String of(Home.Pool home, Program program) {
    String own = home.definition().image();
    if (!own.isEmpty()) {
      return own;
    }
    return switch (program) {
      case Script script -> of(script.language());
      case ImageHandler _, Command _ -> of(Language.PYTHON);
      case Module _ -> throw new IllegalArgumentException("a module runs in no container");
    };
  }

  String of(Language language) {
    return pattern.replace(
        RUNNER,
        switch (language) {
          case PYTHON -> "python";
          case JAVASCRIPT -> "node";
        });
  }
}
