package dev.nexus.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// The examples of a page under `docs`, as a reader pastes them.
public record PageExamples(String page) {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");

  /// The one in this language that says this.
  public String example(String language, String saying) {
    List<String> found = examples(language, saying);
    assertThat(found).as("%s of %s with %s", language, page, saying).hasSize(1);
    return found.getFirst();
  }

  /// All in this language that say this, in order.
  public List<String> examples(String language, String saying) {
    String text;
    try {
      text = Files.readString(Path.of("../../docs", page));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return BLOCK
        .matcher(text)
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .filter(block -> block.contains(saying))
        .toList();
  }
}
