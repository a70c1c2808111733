package dev.nexus.executor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.wasm.Abuse;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublishedTableTest {
  private static final CodeOutcome RESULT = new Result(new Json("1"));
  private static final CodeOutcome CRASH = new Failure(FailureClass.CRASH, "it broke");

  /// It fails before it looks at the page, so there is nothing to write then.
  @Test
  void shouldNotTakeWhatAnAbuseMayNotComeToWhateverThePageSays() {
    for (Abuse abuse : List.of(Abuse.LOOP, Abuse.ARRAYS)) {
      for (CodeOutcome outcome : List.of(RESULT, CRASH)) {
        var table = new PublishedTable("| a head that no page has | what came of it |");
        table.begin(abuse.words());
        table.add(outcome, abuse.ends());
        table.end();

        assertThatThrownBy(table::compare)
            .isInstanceOf(AssertionError.class)
            .hasMessageContaining(
                abuse.words()
                    + ": expected "
                    + abuse.ends()
                    + ", found "
                    + PublishedTable.words(outcome));
      }
    }
  }
}
