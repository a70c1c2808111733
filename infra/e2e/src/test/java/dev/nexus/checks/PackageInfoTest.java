package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Every main package says what it is for and takes null only where it says so.
class PackageInfoTest {
  private static final Pattern SENTENCE =
      Pattern.compile("(///|\\*)\\s+[A-Z`].*\\w", Pattern.DOTALL);

  @Test
  void shouldDescribeEveryMainPackage() {
    var directories = new TreeSet<String>();
    JavaFile.main().forEach(file -> directories.add(new TextFile(file.path()).directory()));
    Violation.assertNone(
        directories.stream()
            .flatMap(
                directory -> {
                  var info = new TextFile(directory + "/package-info.java");
                  var text =
                      Repository.exists(info.path())
                          ? Optional.of(info.text())
                          : Optional.<String>empty();
                  return check(info.path(), text).stream();
                })
            .toList());
  }

  @Test
  void shouldReportWhatIsMissing() {
    assertThat(check("a/package-info.java", Optional.empty()))
        .extracting(Violation::rule)
        .containsExactly("package without package-info.java");
    assertThat(check("a/package-info.java", Optional.of("package a;\n")))
        .extracting(Violation::rule)
        .containsExactly("no @NullMarked", "no sentence that says what the package is for");
    assertThat(
            check(
                "a/package-info.java",
                Optional.of("/// Keys and who may use them.\n@NullMarked\npackage a;\n")))
        .isEmpty();
  }

  private static List<Violation> check(String path, Optional<String> text) {
    if (text.isEmpty()) {
      return List.of(new Violation(path, 1, "package without package-info.java"));
    }
    var found = new ArrayList<Violation>();
    if (!text.get().contains("@NullMarked")) {
      found.add(new Violation(path, 1, "no @NullMarked"));
    }
    String comment = text.get().split("(?m)^(@|package )", 2)[0];
    if (!comment.contains(".") || !SENTENCE.matcher(comment).find()) {
      found.add(new Violation(path, 1, "no sentence that says what the package is for"));
    }
    return found;
  }
}
