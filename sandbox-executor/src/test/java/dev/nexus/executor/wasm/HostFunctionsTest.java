package dev.nexus.executor.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.nexus.event.Json;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.task.FailureClass;
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
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.pool.WorkPool;
import dev.nexus.executor.tool.GatewayTools;
import dev.nexus.platform.security.ExecutionPasses;
import dev.nexus.platform.security.SigningKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The time that each function of the host may take: a tool its own, `deopt` and what prints none
/// that counts, so that code can hold nothing by them.
class HostFunctionsTest {
  private static final CodeLimits PATIENT =
      new CodeLimits(Duration.ofSeconds(60), 64 << 20, 10_000);
  private static final CodeLimits BRIEF =
      new CodeLimits(Duration.ofMillis(800), 64 << 20, 10_000, Long.MAX_VALUE);

  /// Longer than code may take for itself.
  private static final Duration TOOL_TIME = Duration.ofSeconds(2);

  private static CodeCall call(Script script, CodeLimits limits, Capability... granted) {
    return new CodeCall(
        script,
        Home.IN_PROCESS,
        new Json("{\"n\":2}"),
        limits,
        Set.of(granted),
        Samples.task("work", "{}"));
  }

  private static Script script(Language language, String javaScript, String python) {
    return Runs.script(
        language,
        switch (language) {
          case JAVASCRIPT -> javaScript;
          case PYTHON -> python;
        });
  }

  private static CodeOutcome run(Script script, CodeLimits limits) throws InterruptedException {
    Runs.CODE.warm(script.language());
    return Runs.CODE.run(script, call(script, limits));
  }

  /// A gateway that takes what it is asked and never answers.
  private static HttpServer silentGateway(CountDownLatch asked, CountDownLatch over)
      throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.countDown();
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    server.start();
    return server;
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldEndACallWhoseToolIsLateAndHoldNoPermitMeanwhile(Language language) throws Exception {
    // Given a pool with one permit, code that has less time than its tool, and a loaded script
    Script script =
        script(
            language,
            "function handle(i) { if (i.n > 1) tool('double', i); return 1; }",
            "def handle(i):\n  if i['n'] > 1: tool('double', i)\n  return 1");
    var asked = new CountDownLatch(1);
    var over = new CountDownLatch(1);
    HttpServer gateway = silentGateway(asked, over);
    URI address = URI.create("http://127.0.0.1:" + gateway.getAddress().getPort());
    var passes = new ExecutionPasses(new SigningKey(new byte[32]), Clock.systemUTC());
    try (var tools = new GatewayTools(() -> Optional.of(address), passes, Clock.systemUTC())) {
      var code = new WasmCode(tools, TOOL_TIME).warm(language);
      code.run(script, new Json("{\"n\":1}"), PATIENT);
      var pool = new WorkPool(1, 1, 10, Thread.ofPlatform()::start);
      var outcome = new CompletableFuture<CodeOutcome>();

      // When
      pool.submit("shop", () -> outcome.complete(ran(code, call(script, BRIEF, Capability.TOOLS))));
      assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
      var neighbour = new CompletableFuture<Boolean>();
      pool.submit("shop", () -> neighbour.complete(!outcome.isDone()));

      // Then the permit was another's while the tool was waited for, and is free again
      assertThat(neighbour.get(60, TimeUnit.SECONDS)).isTrue();
      assertThat(outcome.get(60, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              Failure.class,
              failure -> {
                assertThat(failure.failure()).isEqualTo(FailureClass.TIMEOUT);
                assertThat(failure.detail()).startsWith("ToolError: no answer within 2 s");
              });
      assertThat(pool.awaitIdle(Duration.ofSeconds(60))).isTrue();
      assertThat(pool.running()).isZero();
      var next = new CompletableFuture<Boolean>();
      pool.submit("shop", () -> next.complete(true));
      assertThat(next.get(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      over.countDown();
      gateway.stop(0);
    }
  }

  private static CodeOutcome ran(WasmCode code, CodeCall call) {
    try {
      return code.run((Script) call.program(), call);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// It may do without the tool then.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldLetCodeCatchThatItsToolIsLate(Language language) throws Exception {
    Script script =
        script(
            language,
            "function handle(i) { try { tool('double', i); } catch (e) { return e.message; } }",
            "def handle(i):\n  try: tool('double', i)\n  except ToolError as e: return str(e)");
    Tools late =
        (_, _, _, patience) ->
            new Tools.Reply(
                504,
                ("{\"detail\":\"" + Tools.LATE + patience.toSeconds() + " s\"}").getBytes(UTF_8));

    assertThat(Runs.with(late).run(script, call(script, PATIENT, Capability.TOOLS)))
        .isInstanceOfSatisfying(
            Result.class,
            result -> assertThat(result.output().text()).matches("\"no answer within \\d+ s\""));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldCountTheTimeInWhichDeoptIsGivenItsReason(Language language) throws Exception {
    Script endless =
        script(
            language,
            "function handle(i) { deopt({ toString() { for (;;); } }); }",
            "class E:\n  def __str__(self):\n    while True: pass\ndef handle(i): deopt(E())");
    Script flood =
        script(
            language,
            "function handle(i) { for (;;) try { deopt('x'.repeat(1e6)); } catch (e) {} }",
            "def handle(i):\n  while True:\n    try: deopt('x' * 1000000)\n    except BaseException: pass");

    assertThat(run(endless, BRIEF))
        .isInstanceOfSatisfying(
            Failure.class, late -> assertThat(late.failure()).isEqualTo(FailureClass.TIMEOUT));
    assertThat(run(flood, BRIEF))
        .isInstanceOfSatisfying(
            Failure.class, late -> assertThat(late.failure()).isEqualTo(FailureClass.TIMEOUT));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldTakeTheBeginningOfALongReason(Language language) throws Exception {
    Script script =
        script(
            language,
            "function handle(i) { deopt('x'.repeat(1e6)); }",
            "def handle(i): deopt('x' * 1000000)");

    assertThat(run(script, PATIENT)).isEqualTo(new Deopt("x".repeat(2048), ""));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldCountTheTimeOfWhatPrints(Language language) throws Exception {
    Script endless =
        script(
            language,
            "function handle(i) { console.log({ toString() { for (;;); } }); }",
            "class E:\n  def __str__(self):\n    while True: pass\ndef handle(i): print(E())");
    Script flood =
        script(
            language,
            "function handle(i) { const s = 'x'.repeat(1e6); for (;;) console.log(s); }",
            "def handle(i):\n  s = 'x' * 1000000\n  while True: print(s)");

    for (Script script : new Script[] {endless, flood}) {
      assertThat(run(script, BRIEF))
          .isInstanceOfSatisfying(
              Failure.class,
              late -> {
                assertThat(late.failure()).isEqualTo(FailureClass.TIMEOUT);
                assertThat(late.logs()).hasSizeLessThanOrEqualTo(4096);
              });
    }
  }
}
