package dev.nexus.executor.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.Samples;
import dev.nexus.executor.ScriptedState;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.pool.Alarm;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Runtime values in code that runs in process.
class StateTest {
  private static final CodeLimits PATIENT =
      new CodeLimits(Duration.ofSeconds(60), 64 << 20, 10_000);

  private final ScriptedState state = new ScriptedState();

  private CodeOutcome run(Language language, String source, Capability... granted)
      throws InterruptedException {
    var script = Runs.script(language, source);
    return Runs.with(state)
        .run(
            script,
            new CodeCall(
                script,
                Home.IN_PROCESS,
                new Json("{}"),
                PATIENT,
                Set.of(granted),
                Samples.task("work", "{}")));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldKeepValues(Language language) throws Exception {
    assertThat(run(language, ScriptedState.tour(language), Capability.STATE))
        .isEqualTo(new Result(new Json(ScriptedState.TOUR)));
    assertThat(state.asked())
        .contains(
            "core.state.set {\"expectedVersion\":2,\"key\":\"a\",\"ttlSeconds\":60,\"value\":7}")
        .contains("core.state.increment {\"by\":1,\"key\":\"n\"}");
  }

  /// So that it can read the value again, and try anew.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldTellCodeOfAConflict(Language language) throws Exception {
    assertThat(run(language, ScriptedState.conflict(language), Capability.STATE))
        .isEqualTo(new Result(new Json(ScriptedState.CONFLICT)));
  }

  /// A guest writes the arguments, and what it names in them is what the gateway would read.
  @Test
  void shouldJudgeAMessageByAllThatIsInIt() throws Exception {
    var script = Runs.script(Language.JAVASCRIPT, "");
    var call =
        new CodeCall(
            script,
            Home.IN_PROCESS,
            new Json("{}"),
            PATIENT,
            Set.of(Capability.TOOLS),
            Samples.task("work", "{}"));
    Alarm alarm = Alarm.after(PATIENT.time());

    byte[] answer =
        HostCalls.of(call, state, Duration.ofSeconds(30))
            .tool("shout", "{},\"name\":\"core.state.set\"", alarm);

    alarm.end();
    assertThat(new String(answer, UTF_8)).contains("state is not available");
    assertThat(state.asked()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldGrantValuesByStateAlone(Language language) throws Exception {
    for (var row : ScriptedState.ungranted(language).entrySet()) {
      CodeOutcome outcome = run(language, row.getKey(), row.getValue());

      assertThat(outcome)
          .as(row.getKey())
          .isInstanceOfSatisfying(
              Failure.class,
              failure -> {
                assertThat(failure.failure()).isEqualTo(FailureClass.PERMISSION);
                assertThat(failure.detail())
                    .contains(
                        row.getValue() == Capability.STATE
                            ? "tool is not available"
                            : "state is not available");
              });
    }
    assertThat(state.asked()).isEmpty();
  }

  /// It would be kept as null.
  @Test
  void shouldNotKeepWhatIsNoJson() throws Exception {
    for (String value : new String[] {"NaN", "[undefined]", "{a: 1 / 0}"}) {
      String source =
          "function handle() { try { state.set('a', %s) } catch (e) { return e.name } }";
      assertThat(run(Language.JAVASCRIPT, source.formatted(value), Capability.STATE))
          .isEqualTo(new Result(new Json("\"TypeError\"")));
    }
    assertThat(state.asked()).isEmpty();
  }

  @Test
  void shouldLeaveTheNameToCodeThatHasAnotherUseForIt() throws Exception {
    assertThat(
            run(
                Language.JAVASCRIPT,
                "const state = {n: 1}; globalThis.state = 2; function handle() { return [state.n, globalThis.state] }"))
        .isEqualTo(new Result(new Json("[1,2]")));
    assertThat(run(Language.PYTHON, "state = 1\ndef handle(i): return state"))
        .isEqualTo(new Result(new Json("1")));
  }
}
