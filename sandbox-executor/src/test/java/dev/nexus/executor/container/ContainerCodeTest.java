package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.trace.TraceContext;
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
import dev.nexus.testkit.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What calls come to when containers behave in every way but well.
class ContainerCodeTest {
  private static final CodeLimits LIMITS = new CodeLimits(Duration.ofSeconds(60), 64 << 20, 10_000);

  private final ScriptedEngine engine = new ScriptedEngine();
  private final Heard heard = new Heard();
  private Path base;
  private ContainerPools pools;
  private ContainerCode code;

  @BeforeEach
  void open() throws Exception {
    // A socket's path is short, which a test's own directory may not be.
    base = Files.createTempDirectory(Path.of("/tmp"), "nx");
    pools =
        new ContainerPools(
            engine, SocketDirectory.in(base), heard, Tools.NONE, () -> List.of(key("p", 2)), 4);
    code = new ContainerCode(pools, new RunnerImages("runner-{runner}"), Duration.ofMillis(50));
  }

  @AfterEach
  void close() {
    pools.close();
    engine.close();
    SocketDirectory.removed(base);
  }

  private static PoolKey key(String pool, int most) {
    return new PoolKey(home(pool, most), "runner-python");
  }

  private static Home.Pool home(String pool, int most) {
    return new Home.Pool(
        TenantId.DEFAULT, "shop", new PoolDefinition(pool, "", 0, most, 1, 256L << 20));
  }

  private static CodeCall call(String pool, int most, CodeLimits limits) {
    return new CodeCall(
        new Script(TenantId.DEFAULT, Language.PYTHON, "def handle(i): return 'done'"),
        home(pool, most),
        new Json("{\"n\":1}"),
        limits,
        Samples.task("work", "{\"n\":1}"));
  }

  private CodeOutcome run() throws InterruptedException {
    return code.run(call("p", 2, LIMITS));
  }

  private static FailureClass failure(CodeOutcome outcome) {
    return ((Failure) outcome).failure();
  }

  @Test
  void shouldServeCallsByOneInstanceOneAfterTheOther() throws Exception {
    for (int i = 0; i < 20; i++) {
      assertThat(run()).isEqualTo(new Result(new Json("\"done\"")));
    }
    assertThat(engine.begun()).isEqualTo(1);
    assertThat(heard.allocated()).isEqualTo(20);
    assertThat(heard.results()).hasSize(20).containsOnly("succeeded");
  }

  @Test
  void shouldTellTheRunnerTheTraceOfItsCall() throws Exception {
    CodeCall call = call("p", 2, LIMITS);
    String trace = "\r\nX-Trace-ID: " + TraceContext.of(call.task().envelope()).traceId() + "\r\n";
    engine.answers(asked -> asked.contains(trace) ? ScriptedEngine.WELL.apply(asked) : "none");
    assertThat(code.run(call)).isInstanceOf(Result.class);
  }

  @Test
  void shouldHaveNoMoreInstancesThanThePoolAllows() throws Exception {
    var most = new AtomicInteger();
    var now = new AtomicInteger();
    engine.answers(
        request -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          sleep(5);
          now.decrementAndGet();
          return ScriptedEngine.WELL.apply(request);
        });
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<CodeOutcome>> calls =
          IntStream.range(0, 100).mapToObj(_ -> threads.submit(this::run)).toList();
      for (Future<CodeOutcome> call : calls) {
        assertThat(call.get()).isInstanceOf(Result.class);
      }
    }
    assertThat(most.get()).isLessThanOrEqualTo(2);
    assertThat(engine.begun()).isLessThanOrEqualTo(2);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void shouldTellWhatTheRunnerSaysOfTheCode() throws Exception {
    for (String named : List.of("TIMEOUT", "MEMORY", "OUTPUT", "PERMISSION", "INVALID_RESULT")) {
      engine.answers(request -> ScriptedEngine.ok(request, error(named)));
      assertThat(run()).isEqualTo(new Failure(FailureClass.valueOf(named), "why", ""));
    }
    engine.answers(request -> ScriptedEngine.ok(request, error("DEOPT")));
    assertThat(run()).isEqualTo(new Deopt("why", ""));
    assertThat(engine.begun()).isEqualTo(1);
  }

  private static String error(String named) {
    return "\"resultType\":\"error\",\"data\":{\"code\":\"" + named + "\",\"message\":\"why\"}";
  }

  @Test
  void shouldNotBelieveWhatOnlyTheHostCanKnow() throws Exception {
    engine.answers(request -> ScriptedEngine.ok(request, error("LOST")));
    assertThat(failure(run())).isEqualTo(FailureClass.CRASH);
  }

  @Test
  void shouldTakeGarbageForAnInvalidResult() throws Exception {
    for (String garbage : List.of("", "nonsense", "{\"a\":1,}")) {
      engine.answers(_ -> ScriptedEngine.ok(garbage));
      assertThat(failure(run())).as(garbage).isEqualTo(FailureClass.INVALID_RESULT);
    }
    for (String garbage :
        List.of(
            "\"a\":1",
            "\"resultType\":\"generic\"",
            "\"data\":1",
            "\"resultType\":\"other\",\"data\":1")) {
      engine.answers(request -> ScriptedEngine.ok(request, garbage));
      assertThat(failure(run())).as(garbage).isEqualTo(FailureClass.INVALID_RESULT);
    }
    assertThat(engine.begun()).isEqualTo(1);
  }

  @Test
  void shouldEndAnInstanceThatDoesNotSpeakHttp() throws Exception {
    for (String broken :
        List.of(
            "hello\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: " + "y".repeat(20_000) + "\r\n\r\n")) {
      engine.answers(_ -> broken);
      assertThat(failure(run())).isEqualTo(FailureClass.LOST);
    }
    engine.answers(ScriptedEngine.WELL);
    assertThat(run()).isInstanceOf(Result.class);
    assertThat(engine.begun()).isEqualTo(6);
  }

  @Test
  void shouldNotTakeTheAnswerToAnotherCallOrToNone() throws Exception {
    List<String> strange =
        List.of(
            "{\"requestId\":\"other\",\"resultType\":\"generic\",\"data\":\"theirs\"}",
            "{\"resultType\":\"generic\",\"data\":\"whose\"}",
            "{\"requestId\":null,\"resultType\":\"generic\",\"data\":\"whose\"}",
            "{}",
            "[]");
    for (String answer : strange) {
      engine.answers(_ -> ScriptedEngine.ok(answer));
      assertThat(failure(run())).as(answer).isEqualTo(FailureClass.LOST);
    }
    engine.answers(ScriptedEngine.WELL);
    assertThat(run()).isInstanceOf(Result.class);
    assertThat(engine.begun()).isEqualTo(strange.size() + 1);
  }

  @Test
  void shouldNotUseARunnerAgainThatCannotGoOn() throws Exception {
    engine.answers(_ -> "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
    assertThat(failure(run())).isEqualTo(FailureClass.LOST);
    engine.answers(ScriptedEngine.WELL);
    assertThat(run()).isInstanceOf(Result.class);
    assertThat(engine.begun()).isEqualTo(2);
  }

  @Test
  void shouldLetAnInstanceRestOnThoughItIsAskedWhetherItIsWell() throws Exception {
    assertThat(run()).isInstanceOf(Result.class);
    Pool pool = pools.pool(key("p", 2));
    var before = pool.view().members().getFirst().idle();
    pools.round();
    Eventually.holds(() -> assertThat(pool.view().count(PoolView.State.IDLE)).isEqualTo(1));
    assertThat(pool.view().members().getFirst().idle()).isGreaterThan(before);
    assertThat(engine.begun()).isEqualTo(1);
  }

  @Test
  void shouldForgetAPoolThatNobodyHas() throws Exception {
    assertThat(code.run(call("old", 1, LIMITS))).isInstanceOf(Result.class);
    Eventually.holds(
        () -> {
          pools.round();
          assertThat(engine.running()).isZero();
        });
    assertThat(code.run(call("old", 1, LIMITS))).isInstanceOf(Result.class);
  }

  @Test
  void shouldRefuseAnAnswerThatIsTooLarge() throws Exception {
    engine.answers(_ -> "HTTP/1.1 200 OK\r\nContent-Length: 99000000\r\n\r\n");
    assertThat(failure(run())).isEqualTo(FailureClass.OUTPUT);
    engine.answers(
        request ->
            ScriptedEngine.ok(
                request, "\"resultType\":\"generic\",\"data\":\"" + "x".repeat(20_000) + "\""));
    assertThat(failure(run())).isEqualTo(FailureClass.OUTPUT);
  }

  @Test
  void shouldLoseACallWhoseContainerEnds() throws Exception {
    engine.answers(_ -> ScriptedEngine.GONE);
    assertThat(failure(run())).isEqualTo(FailureClass.LOST);
    engine.endsForMemory(true);
    assertThat(failure(run())).isEqualTo(FailureClass.MEMORY);
    engine.endsForMemory(false);
    engine.answers(ScriptedEngine.WELL);
    assertThat(run()).isInstanceOf(Result.class);
    Eventually.holds(
        () ->
            assertThat(heard.ends())
                .containsExactlyInAnyOrder(EndReason.CRASHED, EndReason.OUT_OF_MEMORY));
  }

  @Test
  void shouldEndACallAndItsInstanceWhenTheRunnerDoesNotEndIt() throws Exception {
    var forever = new CountDownLatch(1);
    engine.answers(
        request -> {
          try {
            forever.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return ScriptedEngine.WELL.apply(request);
        });
    var brief = new CodeLimits(Duration.ofMillis(50), 64 << 20, 10_000);
    assertThat(failure(code.run(call("p", 2, brief)))).isEqualTo(FailureClass.TIMEOUT);
    forever.countDown();
    Eventually.holds(() -> assertThat(engine.running()).isZero());
  }

  @Test
  void shouldEndTheInstanceOfACallThatIsCancelled() throws Exception {
    var asked = new CountDownLatch(1);
    var forever = new CountDownLatch(1);
    engine.answers(
        request -> {
          asked.countDown();
          try {
            forever.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return ScriptedEngine.WELL.apply(request);
        });
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<CodeOutcome> call = threads.submit(this::run);
      asked.await();
      call.cancel(true);
    }
    forever.countDown();
    Eventually.holds(() -> assertThat(heard.ends()).containsExactly(EndReason.KILLED));
    engine.answers(ScriptedEngine.WELL);
    assertThat(run()).isInstanceOf(Result.class);
  }

  @Test
  void shouldSayWhyThereIsNoContainerAndTryAgainLater() throws Exception {
    engine.refuses(true);
    assertThat(run()).isEqualTo(new Failure(FailureClass.UNREACHABLE, "the engine is out"));
    assertThat(run()).isEqualTo(new Failure(FailureClass.UNREACHABLE, "the engine is out"));
    engine.refuses(false);
    Eventually.holds(() -> assertThat(attempt()).isInstanceOf(Result.class));
  }

  private CodeOutcome attempt() {
    try {
      return run();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldBeginAnotherInstanceWhereOneIsLostAsItStarts() throws Exception {
    engine.losesStarts(2);
    assertThat(run()).isEqualTo(new Result(new Json("\"done\"")));
    assertThat(engine.begun()).isEqualTo(3);
    assertThat(heard.ends()).containsExactly(EndReason.FAILED_TO_START, EndReason.FAILED_TO_START);
  }

  @Test
  void shouldGiveUpWhereEveryInstanceIsLostAsItStarts() throws Exception {
    engine.losesStarts(100);
    assertThat(failure(run())).isEqualTo(FailureClass.LOST);
    assertThat(engine.begun()).isLessThanOrEqualTo(4);
  }

  @Test
  void shouldGiveAPlaceToAPoolThatHasNone() throws Exception {
    for (String pool : List.of("a", "b", "c", "d", "e", "f")) {
      assertThat(code.run(call(pool, 2, LIMITS))).as(pool).isInstanceOf(Result.class);
    }
    assertThat(engine.begun()).isEqualTo(6);
    Eventually.holds(() -> assertThat(pools.size()).isLessThanOrEqualTo(4));
  }

  @Test
  void shouldReplaceWhatDiedWhileItRested() throws Exception {
    assertThat(run()).isInstanceOf(Result.class);
    engine.kill();
    pools.round();
    Eventually.holds(() -> assertThat(heard.ends()).containsExactly(EndReason.CRASHED));
    assertThat(run()).isInstanceOf(Result.class);
  }

  @Test
  void shouldLeaveNothingBehindWhateverBecomesOfCalls() throws Exception {
    long seed = System.nanoTime();
    var random = new java.util.Random(seed);
    engine.answers(
        request ->
            switch (random.nextInt(20)) {
              case 0 -> ScriptedEngine.GONE;
              case 1 -> "garbage\n";
              case 2 -> ScriptedEngine.ok("{}");
              default -> ScriptedEngine.WELL.apply(request);
            });
    var lost = new AtomicInteger();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 2_000; i++) {
        var _ =
            threads.submit(
                () -> {
                  CodeOutcome outcome = run();
                  if (!(outcome instanceof Result)) {
                    lost.incrementAndGet();
                  }
                  return outcome;
                });
      }
    }
    System.out.printf(
        "2000 calls, %d failed, %d instances, seed %d%n", lost.get(), engine.begun(), seed);
    pools.close();
    assertThat(engine.running()).as("seed %d", seed).isZero();
    assertThat(heard.started()).as("seed %d", seed).isEqualTo(heard.ends().size());
    assertThat(heard.allocated()).isEqualTo(heard.results().size()).isEqualTo(2_000);
    try (var left = Files.list(base)) {
      assertThat(left.map(path -> path.getFileName().toString())).containsExactly("id");
    }
  }
}
