package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static run.endive.runtime.Memory.PAGE_SIZE;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The same script of two tenants, and of two applications of one.
class TenantsTest {
  private static final TenantId OTHER = new TenantId("other");
  private static final CodeLimits ROOMY = new CodeLimits(Duration.ofSeconds(60), 64 << 20, 10_000);

  /// A script that counts its calls in whatever it can reach, and is more than 8 MiB when loaded.
  private static String counting(Language language) {
    return switch (language) {
      case JAVASCRIPT ->
          """
          let n = 0;
          const kept = {}, large = new Uint8Array(8 << 20).fill(7);
          function handle(i) {
            n += 1;
            kept.n = (kept.n ?? 0) + 1;
            globalThis.n = (globalThis.n ?? 0) + 1;
            Array.prototype.n = (Array.prototype.n ?? 0) + 1;
            large[0] += 1;
            return [n, kept.n, globalThis.n, Array.prototype.n, large[0]];
          }
          """;
      case PYTHON ->
          """
          import builtins, json
          n, kept, large = 0, {}, bytearray(b'\\x07') * (8 << 20)
          def handle(i, more=[]):
              global n
              n += 1
              kept['n'] = kept.get('n', 0) + 1
              builtins.n = getattr(builtins, 'n', 0) + 1
              more.append(1)
              large[0] += 1
              return [n, kept['n'], builtins.n, len(more), large[0]]
          """;
    };
  }

  private static final Result FIRST = new Result(new Json("[1,1,1,1,8]"));

  private static CodeOutcome run(WasmCode code, Script script, CodeLimits limits)
      throws InterruptedException {
    return code.run(
        script,
        new CodeCall(
            script, Home.IN_PROCESS, new Json("{}"), limits, Set.of(), Samples.task("work", "{}")));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldNotLoadAScriptOfOneTenantForAnother(Language language) throws Exception {
    // Given a script that did not load for one tenant, who had too little memory for it
    var code = new WasmCode().warm(language);
    var own = new Script(TenantId.DEFAULT, language, counting(language));
    var others = new Script(OTHER, language, counting(language));
    int little = Math.max(4 << 20, (code.started(language).snapshot().pages() + 8) * PAGE_SIZE);
    var cramped = new CodeLimits(Duration.ofSeconds(60), little, 10_000);
    assertThat(run(code, own, cramped))
        .isInstanceOfSatisfying(
            Failure.class, broken -> assertThat(broken.failure()).isEqualTo(FailureClass.MEMORY));

    // Then that is what is known of it, for this tenant and for nobody else
    assertThat(run(code, own, ROOMY)).isInstanceOf(Failure.class);
    assertThat(run(code, others, ROOMY)).isEqualTo(FIRST);
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldKeepNothingOfACallOfAnotherTenantOrApplication(Language language) throws Exception {
    var one = new Script(TenantId.DEFAULT, language, counting(language));
    var other = new Script(OTHER, language, counting(language));

    for (int i = 0; i < 5; i++) {
      assertThat(run(Runs.CODE, one, ROOMY)).isEqualTo(FIRST);
      assertThat(run(Runs.CODE, other, ROOMY)).isEqualTo(FIRST);
    }
  }
}
