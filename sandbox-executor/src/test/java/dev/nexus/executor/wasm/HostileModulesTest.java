package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.Neighbour;
import dev.nexus.executor.PublishedTable;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Program.Module;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every abuse by a module costs its own call, and nothing else. What came of each is a table of
/// `docs/sandbox-security.md`.
class HostileModulesTest {
  private static final CodeLimits BRIEF = new CodeLimits(Duration.ofSeconds(1), 64 << 20, 10_000);
  private static final CodeLimits PATIENT =
      new CodeLimits(Duration.ofSeconds(60), 64 << 20, 10_000);
  private static final Json INPUT = new Json("{\"a\":1}");

  /// That what was asked for is refused, and a number that JSON may have.
  private static final List<Json> ANSWERS = List.of(new Json("1"), new Json("1E+999999999"));

  private final Module probe = WasmWriter.echo().program();

  private void assertCleanCall() throws InterruptedException {
    assertThat(Runs.CODE.run(probe, INPUT, PATIENT)).isEqualTo(new Result(INPUT));
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  /// Run with -Dnexus.docs=write to have the table written anew.
  @Test
  void shouldCostItsOwnCallOnly() throws Exception {
    var table = new PublishedTable("| what a module tries | what came of it |");
    // Given
    try (var neighbour = Neighbour.of("the call of another module", this::assertCleanCall)) {
      for (ModuleAbuse abuse : ModuleAbuse.values()) {
        Module module = WasmWriter.program(abuse.module());
        table.begin(abuse.words());

        // When
        CodeOutcome outcome =
            neighbour.during(
                abuse.words(),
                () -> Runs.CODE.run(module, INPUT, abuse.isEndless() ? BRIEF : PATIENT));

        // Then
        table.add(outcome, abuse.ends());
        table.end();
        if (outcome instanceof Result(var output, _)) {
          assertThat(output).as(abuse.words()).isIn(ANSWERS);
        }
        assertCleanCall();
        assertThat(Runs.javaScript("function handle(i) { return i; }", INPUT, PATIENT))
            .as(abuse.words())
            .isEqualTo(new Result(INPUT));
      }
    }
    table.compare();
  }

  @ParameterizedTest
  @ValueSource(longs = {256 << 10, 16 << 20, 256 << 20})
  void shouldBoundRecursionOnAnyStack(long bytes) throws Exception {
    for (ModuleAbuse abuse :
        List.of(
            ModuleAbuse.RECURSION,
            ModuleAbuse.RECURSION_WITH_LOCALS,
            ModuleAbuse.RECURSION_WITH_OPERANDS)) {
      Module module = WasmWriter.program(abuse.module());
      var call = new FutureTask<>(() -> Runs.CODE.run(module, INPUT, PATIENT));
      Thread.ofPlatform().stackSize(bytes).start(call);

      assertThat(call.get()).isEqualTo(new Failure(FailureClass.CRASH, "call stack exhausted"));
    }
  }
}
