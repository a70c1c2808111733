package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.executor.PublishedTable;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.testkit.NeedsTool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The same code has the same outcome in each home, but where the table of
/// `docs/sandbox-security.md` says otherwise.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class HomesIT {
  private static final CodeLimits LIMITS = new CodeLimits(Duration.ofSeconds(30), 64 << 20, 10_000);
  private static final CodeLimits BRIEF = new CodeLimits(Duration.ofSeconds(1), 64 << 20, 10_000);

  private static Rig rig;

  @BeforeAll
  static void open() throws Exception {
    rig = Rig.open(2);
  }

  @AfterAll
  static void close() {
    rig.close();
  }

  @Test
  void shouldGiveTheSameInEachHome() throws Exception {
    var table =
        new PublishedTable(
            "| what code does | JavaScript in process | in Node | Python in process | in a container"
                + " |");
    List<String> wrong = new ArrayList<>();
    for (SameCode code : SameCode.values()) {
      table.begin(code.words());
      for (Language language : Language.values()) {
        String inProcess = said(Home.IN_PROCESS, code, language);
        String inContainer = said(Rig.pool("homes-" + language.text(), 1), code, language);
        table.add(inProcess);
        table.add(inContainer);
        if (inProcess.equals(inContainer) == code.differs(language)) {
          wrong.add(language + ", " + code + ": " + inProcess + " and " + inContainer);
        }
      }
      table.end();
    }
    assertThat(wrong).isEmpty();
    table.compare();
  }

  private static String said(Home home, SameCode code, Language language)
      throws InterruptedException {
    String input = code.input();
    var call =
        new CodeCall(
            new Script(TenantId.DEFAULT, language, code.source(language)),
            home,
            new Json(input),
            code == SameCode.ENDLESS ? BRIEF : LIMITS,
            Samples.task("work", input));
    CodeOutcome outcome =
        switch (home) {
          case Home.InProcess _ -> Samples.IN_PROCESS.run(call);
          case Home.Pool _ -> rig.run(call);
        };
    System.out.printf("%s, %s, %s: %s%n", code, language, home, outcome);
    return said(outcome);
  }

  private static String said(CodeOutcome outcome) {
    return switch (outcome) {
      case Result(var output, var logs) -> "`" + output.text() + "`" + printed(logs);
      case Deopt(var reason, var logs) -> "declined: " + reason + printed(logs);
      // What a process says that dies is its own: engines say different things.
      case Failure(var failure, _, _) -> failure.name();
    };
  }

  private static String printed(String logs) {
    return logs.isEmpty() ? "" : ", printed `" + logs.strip() + "`";
  }
}
