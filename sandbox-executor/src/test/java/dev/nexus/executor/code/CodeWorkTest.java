package dev.nexus.executor.code;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.Samples;
import dev.nexus.executor.schema.OutputCheck;
import dev.nexus.executor.wasm.WasmCode;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Deoptimised;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.executor.work.WorkResult.Succeeded;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CodeWorkTest {
  private static final String DOUBLE = "function handle(i) { return {n: i.n * 2}; }";
  private final CodeWork work = new CodeWork(new WasmCode(), new OutputCheck(), CodeLimits.DEFAULT);
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

    assertThat(work.script(Samples.task("double", "{\"n\":1}"), jit))
        .isEqualTo(new Succeeded(new Json("{\"n\":2}"), Usage.NONE));
  }

  @Test
  void shouldAskForAScriptInALanguageItKnows() throws InterruptedException {
    var none = Samples.component("double", HandlerType.JIT, Map.of(), "{}");
    var cobol =
        Samples.component(
            "double", HandlerType.JIT, Map.of("script", DOUBLE, "language", "cobol"), "{}");

    assertFailed(
        work.script(Samples.task("double", "{}"), none),
        FailureClass.INVALID_DEFINITION,
        "taskDetails.script expected");
    assertFailed(
        work.script(Samples.task("double", "{}"), cobol),
        FailureClass.INVALID_DEFINITION,
        "found 'cobol'");
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
