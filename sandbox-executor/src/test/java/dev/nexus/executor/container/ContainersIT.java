package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.ImageHandler;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls in real containers.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ContainersIT {
  private static final String JS_ECHO = "function handle(i) { return {got: i.n + 1}; }";
  private static final String PY_ECHO = "def handle(i): return {'got': i['n'] + 1}";
  private static final Result TWO = new Result(new Json("{\"got\":2}"));

  /// Name of an executor that there is none of.
  private static final String GONE = "00000000000000aa";

  @TempDir private static Path elsewhere;
  private static Rig rig;

  @BeforeAll
  static void open() throws Exception {
    rig = Rig.open(6);
  }

  @AfterAll
  static void close() {
    rig.close();
  }

  private static String echo(Language language) {
    return language == Language.PYTHON ? PY_ECHO : JS_ECHO;
  }

  @Test
  void shouldAnswerInEachLanguage() throws Exception {
    for (Language language : Language.values()) {
      for (int i = 0; i < 5; i++) {
        assertThat(rig.run(language, echo(language), "{\"n\":1}")).isEqualTo(TWO);
      }
    }
  }

  @Test
  void shouldCarryLogsAndDeopts() throws Exception {
    assertThat(
            rig.run(
                Language.PYTHON,
                "def handle(i):\n  print('hello', i['n'])\n  return 1",
                "{\"n\":7}"))
        .isEqualTo(new Result(new Json("1"), "hello 7\n"));
    assertThat(
            rig.run(
                Language.JAVASCRIPT,
                "function handle(i) { console.log('hello', i.n); return 1; }",
                "{\"n\":7}"))
        .isEqualTo(new Result(new Json("1"), "hello 7\n"));
    assertThat(rig.run(Language.PYTHON, "def handle(i): deopt('odd')", "1"))
        .isEqualTo(new Deopt("odd", ""));
    assertThat(rig.run(Language.JAVASCRIPT, "function handle(i) { deopt('odd'); }", "1"))
        .isEqualTo(new Deopt("odd", ""));
  }

  @Test
  void shouldTellWhatIsNoJsonAsInProcess() throws Exception {
    for (String no :
        List.of("NaN", "[1 / 0]", "{a: -1 / 0}", "[undefined]", "[handle]", "[Symbol()]")) {
      assertThat(rig.run(Language.JAVASCRIPT, "function handle(i) { return " + no + "; }", "1"))
          .as(no)
          .isInstanceOfSatisfying(
              Failure.class,
              failure -> {
                assertThat(failure.failure()).isEqualTo(FailureClass.INVALID_RESULT);
                assertThat(failure.detail())
                    .matches("handle gave no JSON: (NaN|-?Infinity|undefined|a \\w+) is no JSON");
              });
    }
    assertThat(
            rig.run(
                Language.JAVASCRIPT,
                "function handle(i) { return {a: handle, b: undefined, c: null}; }",
                "1"))
        .isEqualTo(new Result(new Json("{\"c\":null}")));
  }

  @Test
  void shouldKeepNothingBetweenCalls() throws Exception {
    String python =
        """
        import os, builtins, sys
        def handle(i):
            seen = [hasattr(builtins, 'left'), os.path.exists('/tmp/left'), len(os.listdir('/tmp'))]
            builtins.left = 1
            open('/tmp/left', 'w').write('x')
            if os.fork() == 0:
                os.setsid()
                import time
                time.sleep(1000)
            return seen + [len([p for p in os.listdir('/proc') if p.isdigit()]) < 6]
        """;
    String javaScript =
        """
        const fs = require('fs');
        function handle(i) {
          const seen = [globalThis.left === 1, fs.existsSync('/tmp/left'), fs.readdirSync('/tmp').length];
          globalThis.left = 1;
          fs.writeFileSync('/tmp/left', 'x');
          require('child_process').spawn('/bin/sleep', ['1000'], {detached: true}).unref();
          return seen.concat([fs.readdirSync('/proc').filter((p) => /^\\d+$/.test(p)).length < 6]);
        }
        """;
    for (int i = 0; i < 4; i++) {
      assertThat(rig.run(Language.PYTHON, python, "1"))
          .isEqualTo(new Result(new Json("[false,false,0,true]")));
      assertThat(rig.run(Language.JAVASCRIPT, javaScript, "1"))
          .isEqualTo(new Result(new Json("[false,false,0,true]")));
    }
  }

  @Test
  void shouldSayThatAnImageIsMissing() throws Exception {
    var home =
        new Home.Pool(
            TenantId.DEFAULT, "shop", new PoolDefinition("p", "no/such:1", 0, 1, 1, 256L << 20));
    CodeOutcome outcome = rig.run(home, Language.PYTHON, PY_ECHO, "1", Rig.PATIENT);
    assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.INVALID_DEFINITION);
    assertThat(((Failure) outcome).detail()).contains("'no/such:1' is not on this machine");
  }

  @Test
  void shouldSayThatAnImageIsNoRunner() throws Exception {
    var home =
        new Home.Pool(
            TenantId.DEFAULT,
            "shop",
            new PoolDefinition("q", "nexus-offline/base:bookworm", 0, 1, 1, 256L << 20));
    CodeOutcome outcome = rig.run(home, Language.PYTHON, PY_ECHO, "1", Rig.PATIENT);
    assertThat(((Failure) outcome).detail()).contains("does not answer as a runner does");
  }

  @Test
  void shouldEndACallThatIsCancelledAndItsContainer() throws Exception {
    Home.Pool pool = Rig.pool("cancelled", 1);
    var key = new PoolKey(pool, Rig.IMAGES.of(Language.PYTHON));
    assertThat(rig.run(pool, Language.PYTHON, PY_ECHO, "{\"n\":1}", Rig.PATIENT)).isEqualTo(TWO);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<CodeOutcome> call =
          threads.submit(
              () ->
                  rig.run(
                      pool,
                      Language.PYTHON,
                      "def handle(i):\n  while True: pass",
                      "1",
                      Rig.PATIENT));
      Eventually.holds(
          () -> assertThat(rig.pools().pool(key).view().count(PoolView.State.BUSY)).isEqualTo(1));
      call.cancel(true);
    }
    Eventually.holds(() -> assertThat(rig.heard().ends()).contains(EndReason.KILLED));
    assertThat(rig.run(pool, Language.PYTHON, PY_ECHO, "{\"n\":1}", Rig.PATIENT)).isEqualTo(TWO);
  }

  @Test
  void shouldRemoveWhatAnExecutorLeftThatDied() throws Exception {
    // Given a container of an executor that is gone, below the same base
    var labels =
        Map.of(
            Engine.LABEL_BASE,
            rig.id(),
            Engine.LABEL_EXECUTOR,
            GONE,
            Engine.LABEL_INSTANCE,
            "left");
    var directory = Files.createDirectories(rig.base().resolve(GONE + "/left"));
    Files.createFile(rig.base().resolve(GONE + "/lock"));
    rig.docker()
        .begin(
            new Engine.Wanted(
                "nexus-left-" + SocketDirectory.name(),
                Rig.IMAGES.of(Language.PYTHON),
                directory,
                1,
                64L << 20,
                labels));

    // When
    rig.pools().round();
    for (int i = 0; i < 5; i++) {
      rig.pools().round();
    }

    // Then
    Eventually.holds(
        () ->
            assertThat(rig.found())
                .noneMatch(found -> GONE.equals(found.labels().get(Engine.LABEL_EXECUTOR))));
    assertThat(rig.base().resolve(GONE)).doesNotExist();
  }

  @Test
  void shouldServeAPoolByAsManyContainersAsItsCallsNeed() throws Exception {
    Home.Pool pool = Rig.pool("wide", 3);
    String slow = "import time\ndef handle(i):\n  time.sleep(0.4)\n  return 1";
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<CodeOutcome>> calls =
          IntStream.range(0, 9)
              .mapToObj(
                  _ -> threads.submit(() -> rig.run(pool, Language.PYTHON, slow, "1", Rig.PATIENT)))
              .toList();
      for (Future<CodeOutcome> call : calls) {
        assertThat(call.get()).isEqualTo(new Result(new Json("1")));
      }
    }
    assertThat(rig.pools().pool(new PoolKey(pool, Rig.IMAGES.of(Language.PYTHON))).size())
        .isBetween(2, 3);
  }

  @Test
  void shouldEndWhatTakesTooLongAndKeepTheContainer() throws Exception {
    Home.Pool pool = Rig.pool("late", 1);
    var brief = new CodeLimits(Duration.ofMillis(500), 64 << 20, 10_000);
    assertThat(rig.run(pool, Language.PYTHON, PY_ECHO, "{\"n\":1}", Rig.PATIENT)).isEqualTo(TWO);
    CodeOutcome outcome =
        rig.run(pool, Language.PYTHON, "def handle(i):\n  while True: pass", "1", brief);
    assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.TIMEOUT);
    assertThat(rig.run(pool, Language.PYTHON, PY_ECHO, "{\"n\":1}", Rig.PATIENT)).isEqualTo(TWO);
    var key = new PoolKey(pool, Rig.IMAGES.of(Language.PYTHON));
    assertThat(rig.pools().pool(key).view().members()).hasSize(1);
    assertThat(rig.pools().pool(key).view().members().getFirst().calls()).isGreaterThanOrEqualTo(2);
  }

  @Test
  void shouldTellWhetherAPoolCanUseAnImage() throws Exception {
    var options =
        new Containers.Options(Rig.HOST, "", Rig.IMAGES.pattern(), 2, elsewhere.resolve("probe"));
    try (var probe = new ImageProbe(options)) {
      var python = probe.check(Rig.IMAGES.of(Language.PYTHON));
      assertThat(python.usable()).isTrue();
      assertThat(python.languages().get(Language.PYTHON)).isEmpty();
      assertThat(python.languages().get(Language.JAVASCRIPT)).startsWith("INVALID_DEFINITION");
      assertThat(python.ownHandler()).isEqualTo("none");
      assertThat(List.of(python.tools(), python.commands())).containsOnly("");
      var node = probe.check(Rig.IMAGES.of(Language.JAVASCRIPT));
      assertThat(node.languages().get(Language.JAVASCRIPT)).isEmpty();
      assertThat(List.of(node.tools(), node.commands())).containsOnly("");
      var base = probe.check("nexus-offline/base:bookworm");
      assertThat(base.usable()).isFalse();
      assertThat(base.tools()).isEqualTo("not tried: it runs no script");
      assertThat(base.commands()).isNotEmpty();
    }
  }

  @Test
  void shouldRunTheHandlerOfAnImageOfAUsersOwn() throws Exception {
    // Given an image as docs/runner-images.md makes one, with a module beside its handler
    var directory = Files.createDirectories(elsewhere.resolve("own"));
    Files.writeString(
        directory.resolve("Dockerfile"),
        """
        FROM nexus/runner-python:offline
        COPY handler.py words.py /app/
        """);
    Files.writeString(directory.resolve("words.py"), "GREETING = 'Hello'");
    Files.writeString(
        directory.resolve("handler.py"),
        "import words\ndef handle(i): return words.GREETING + ', ' + i['name']\n");
    String image = "nexus-test/own:" + rig.base().getFileName();
    assertThat(docker("build", "--quiet", "--tag", image, directory.toString())).isZero();
    try {
      // When
      var pool =
          new Home.Pool(
              TenantId.DEFAULT, "shop", new PoolDefinition("own", image, 0, 1, 1, 256L << 20));
      CodeOutcome outcome = rig.run(pool, new ImageHandler(TenantId.DEFAULT), "{\"name\":\"Ada\"}");

      // Then
      assertThat(outcome).isEqualTo(new Result(new Json("\"Hello, Ada\"")));
    } finally {
      assertThat(docker("image", "rm", "--force", image)).isZero();
    }
  }

  private static int docker(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
