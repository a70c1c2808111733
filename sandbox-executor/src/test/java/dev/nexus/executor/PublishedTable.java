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

/// A table of `docs/sandbox-security.md` that a test makes. Run with -Dnexus.docs=write to have it
/// written anew.
public final class PublishedTable {
  private static final Path PAGE = Path.of("../docs/sandbox-security.md");

  private final String head;
  private final StringBuilder rows = new StringBuilder();

  /// @param head names of its columns as they stand in the page
  public PublishedTable(String head) {
    this.head = head + "\n" + head.replaceAll("[^|]+", "---") + "\n";
  }

  public void begin(String words) {
    rows.append("| ").append(words);
  }

  public void add(CodeOutcome outcome) {
    add(words(outcome));
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
