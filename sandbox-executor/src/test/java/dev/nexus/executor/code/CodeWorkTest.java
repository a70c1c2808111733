package dev.nexus.executor.code;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.Samples;
import dev.nexus.executor.schema.OutputCheck;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Deoptimised;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.executor.work.WorkResult.Succeeded;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CodeWorkTest {
  private static final String DOUBLE = "function handle(i) { return {n: i.n * 2}; }";
  private final CodeWork work =
      new CodeWork(Samples.IN_PROCESS, new OutputCheck(), CodeLimits.DEFAULT);
  private final ComponentDefinition prompt =
      Samples.component(
          "double",
          HandlerType.LLM,
          Map.of(),
          "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}}}");

  @Test
  void shouldRunTheCandidateOfTheTask() throws InterruptedException {
    assertThat(work.candidate(Samples.candidate("double", "{\"n\":4}", DOUBLE), prompt))
        .isEqualTo(new Succeeded(new Json("{\"n\":8}"), Usage.NONE));
  }

  @Test
  void shouldRefuseSourceThatIsNotTheCandidate() throws InterruptedException {
    var task = Samples.task("double", "{\"n\":4}", DOUBLE, "0".repeat(64), Duration.ofMinutes(1));

    assertFailed(work.candidate(task, prompt), FailureClass.REFUSED, "expected, found");
  }

  @Test
  void shouldPassDeoptOn() throws InterruptedException {
    var task = Samples.candidate("double", "{}", "function handle(i) { deopt('no n'); }");

    assertThat(work.candidate(task, prompt)).isEqualTo(new Deoptimised("no n", Usage.NONE));
  }

  @Test
  void shouldRefuseOutputThatLeavesTheSchema() throws InterruptedException {
    var task = Samples.candidate("double", "{}", "function handle(i) { return {n: 'x'}; }");

    assertFailed(work.candidate(task, prompt), FailureClass.INVALID_RESULT, "/n");
  }

  @Test
  void shouldRunTheScriptOfAJitComponent() throws InterruptedException {
    var jit = Samples.component("double", HandlerType.JIT, Map.of("script", DOUBLE), "{}");

    assertThat(work.script(Samples.task("double", "{\"n\":1}"), Samples.application(jit), jit))
        .isEqualTo(new Succeeded(new Json("{\"n\":2}"), Usage.NONE));
  }

  /// A module that is none, as one that is has no place in a text: `ModuleTest` runs those.
  @Test
  void shouldRunTheModuleOfAJitComponent() throws InterruptedException {
    var module =
        Samples.component(
            "double", HandlerType.JIT, Map.of("script", "AGFzbQEAAAA=", "language", "wasm"), "{}");

    assertFailed(
        work.script(Samples.task("double", "{}"), Samples.application(module), module),
        FailureClass.CRASH,
        "a WASI command expected");
  }

  @Test
  void shouldAskForAScriptInALanguageItKnows() throws InterruptedException {
    var none = Samples.component("double", HandlerType.JIT, Map.of(), "{}");
    var cobol =
        Samples.component(
            "double", HandlerType.JIT, Map.of("script", DOUBLE, "language", "cobol"), "{}");

    assertFailed(
        work.script(Samples.task("double", "{}"), Samples.application(none), none),
        FailureClass.INVALID_DEFINITION,
        "taskDetails.script expected");
    assertFailed(
        work.script(Samples.task("double", "{}"), Samples.application(cobol), cobol),
        FailureClass.INVALID_DEFINITION,
        "found 'cobol'");
  }

  @Test
  void shouldSendACallToThePoolThatItsComponentNames() throws InterruptedException {
    var pool = new PoolDefinition("py", "", 0, 1, 1, 256L << 20);
    var contained =
        Samples.contained(
            Samples.component("double", HandlerType.JIT, Map.of("script", DOUBLE), "{}"), "py");
    var application =
        new ApplicationDefinition(
            Samples.APP,
            "Shop",
            "1",
            List.of(contained),
            List.of(),
            List.of(),
            Map.of(),
            List.of(pool));

    assertFailed(
        work.script(Samples.task("double", "{\"n\":1}"), application, contained),
        FailureClass.REFUSED,
        "no engine");
    assertFailed(
        work.script(Samples.task("double", "{\"n\":1}"), Samples.application(contained), contained),
        FailureClass.INVALID_DEFINITION,
        "targetPoolName: one of [] expected, found 'py'");
  }

  @Test
  void shouldKeepWithinTheTimeOfTheTask() throws InterruptedException {
    String source = "function handle(i) { for (;;); }";
    var task =
        Samples.task(
            "double", "{}", source, dev.nexus.event.NameIds.sha256(source), Duration.ofMillis(80));

    assertFailed(work.candidate(task, prompt), FailureClass.TIMEOUT, "within 80 ms");
  }

  private static void assertFailed(WorkResult result, FailureClass failure, String detail) {
    assertThat(result).isInstanceOf(Failed.class);
    assertThat(((Failed) result).failure()).isEqualTo(failure);
    assertThat(((Failed) result).detail()).contains(detail);
  }
}
