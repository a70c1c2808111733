package dev.nexus.executor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A table of `docs/sandbox-security.md` that a test makes. Run with -Dnexus.docs=write to have it
/// written anew.
public final class PublishedTable {
  private static final Path PAGE = Path.of("../docs/sandbox-security.md");

  private final String head;
  private final StringBuilder rows = new StringBuilder();
  private final List<String> unexpected = new ArrayList<>();
  private String row = "";

  /// @param head names of its columns as they stand in the page
  public PublishedTable(String head) {
    this.head = head + "\n" + head.replaceAll("[^|]+", "---") + "\n";
  }

  public void begin(String words) {
    row = words;
    rows.append("| ").append(words);
  }

  public void add(CodeOutcome outcome) {
    add(words(outcome));
  }

  /// What came of it where only that may: nothing else is written, either.
  ///
  /// @param only names of what may come of it; empty where all that harms nobody else may
  public void add(CodeOutcome outcome, Set<FailureClass> only) {
    addOneOf(words(outcome), only.stream().map(FailureClass::name).collect(Collectors.toSet()));
  }

  /// @param only as above, in the words that such a table has
  public void addOneOf(String words, Set<String> only) {
    if (!only.isEmpty() && !only.contains(words)) {
      unexpected.add("%s: expected %s, found %s".formatted(row, only, words));
    }
    add(words);
  }

  /// What came of it in other words than those that all tables have.
  public void add(String words) {
    rows.append(" | ").append(words);
  }

  public void end() {
    rows.append(" |\n");
  }

  public static String words(CodeOutcome outcome) {
    return switch (outcome) {
      case Failure(FailureClass failure, String detail, _) -> {
        assertThat(detail).isNotBlank().hasSizeLessThan(3_000);
        yield failure.name();
      }
      case Result _ -> "its own result only";
      case Deopt _ -> "DEOPT";
    };
  }

  /// Compares it with the page, or writes it there.
  public void compare() throws IOException {
    assertThat(unexpected).isEmpty();
    String page = Files.readString(PAGE);
    int begin = page.indexOf(head);
    assertThat(begin).as(PAGE + " has the table's head").isNotNegative();
    int end = page.indexOf("\n\n", begin) + 1;
    if ("write".equals(System.getProperty("nexus.docs"))) {
      Files.writeString(PAGE, page.substring(0, begin) + head + rows + page.substring(end));
      return;
    }
    assertThat(page.substring(begin, end)).isEqualTo(head + rows);
  }
}
