package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.Asked;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.code.Tools;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a component grants its code, and what it does not.
class CapabilitiesTest {
  private static final CodeLimits PATIENT =
      new CodeLimits(Duration.ofSeconds(60), 64 << 20, 10_000);

  private final List<String> asked = new ArrayList<>();

  private CodeOutcome run(
      Language language, String source, Set<Capability> granted, Tools tools, CodeLimits limits)
      throws InterruptedException {
    var script = new Script(TenantId.DEFAULT, language, source);
    return Runs.with(tools)
        .run(
            script,
            new CodeCall(
                script,
                Home.IN_PROCESS,
                new Json("{\"n\":2}"),
                limits,
                granted,
                Samples.task("work", "{}")));
  }

  private CodeOutcome run(Language language, String source, Capability... granted)
      throws InterruptedException {
    return run(language, source, Set.of(granted), this::answer, PATIENT);
  }

  /// A tool that doubles a number, and one that fails.
  private Tools.Reply answer(CodeCall by, Asked before, byte[] message, Duration patience) {
    String text = new String(message, StandardCharsets.UTF_8);
    asked.add(text);
    var params = CanonicalJson.read(text).path("params");
    int n = params.path("arguments").path("n").asInt();
    return reply(
        params.path("name").asText().equals("double")
            ? result("{\\\"n\\\":" + 2 * n + "}", "json", false)
            : result("no such luck", "text", !params.path("name").asText().equals("words")));
  }

  private static String result(String text, String form, boolean isError) {
    return "{\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"%s\"}],\"isError\":%s,\"_meta\":{\"dev.nexus/output\":\"%s\"}}}"
        .formatted(text, isError, form);
  }

  private static Tools.Reply reply(String body) {
    return new Tools.Reply(200, body.getBytes(StandardCharsets.UTF_8));
  }

  private static String of(Language language, String javaScript, String python) {
    return switch (language) {
      case JAVASCRIPT -> javaScript;
      case PYTHON -> python;
    };
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldRefuseWhatIsNotGranted(Language language) throws Exception {
    for (String source :
        List.of(
            of(
                language,
                "handle = () => Date.now()",
                "import time\ndef handle(i): return time.time()"),
            of(
                language,
                "handle = () => Math.random()",
                "import random\ndef handle(i): return random.random()"),
            of(
                language,
                "handle = () => tool('double', {n: 1})",
                "def handle(i): return tool('double', {'n': 1})"))) {
      CodeOutcome outcome =
          run(language, "var handle\n".repeat(language == Language.JAVASCRIPT ? 1 : 0) + source);
      assertThat(outcome).as(source).isInstanceOf(Failure.class);
      assertThat(((Failure) outcome).failure())
          .as(outcome.toString())
          .isEqualTo(FailureClass.PERMISSION);
      assertThat(((Failure) outcome).detail())
          .contains("not available", "unless capabilities has ");
    }
    assertThat(asked).isEmpty();
  }

  /// What code learnt then would be in each of its later calls.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldGrantNothingWhileAScriptIsLoaded(Language language) throws Exception {
    for (String source :
        List.of(
            of(
                language,
                "const t = Date.now(); function handle() { return t }",
                "import time\nt = time.time()\ndef handle(i): return t"),
            of(
                language,
                "const t = Math.random(); function handle() { return t }",
                "import random\nt = random.random()\ndef handle(i): return t"),
            of(
                language,
                "const t = tool('double', {}); function handle() { return t }",
                "t = tool('double')\ndef handle(i): return t"))) {
      CodeOutcome outcome =
          run(language, source, Capability.CLOCK, Capability.RANDOM, Capability.TOOLS);
      assertThat(outcome).as(source).isInstanceOf(Failure.class);
      assertThat(((Failure) outcome).failure())
          .as(outcome.toString())
          .isEqualTo(FailureClass.PERMISSION);
    }
    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldTellTheTimeWhereItIsGranted(Language language) throws Exception {
    long before = System.currentTimeMillis();

    CodeOutcome outcome =
        run(
            language,
            of(
                language,
                "function handle() { return [Date.now(), new Date().getTime(), Date.parse(Date())] }",
                "import time, datetime\n"
                    + "def handle(i): return [int(time.time() * 1000), int(datetime.datetime.now().timestamp() * 1000)]"),
            Capability.CLOCK);

    assertThat(outcome).isInstanceOf(Result.class);
    for (var time : CanonicalJson.read(((Result) outcome).output())) {
      assertThat(time.asLong()).isBetween(before - 1000, System.currentTimeMillis());
    }
  }

  /// The state of a generator is in the memory that each call begins with.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldGiveOtherNumbersInEachCallWhereChanceIsGranted(Language language) throws Exception {
    String source =
        of(
            language,
            "const chance = Math.random; function handle() { return [chance(), Math.random()] }",
            "import random, uuid\ndef handle(i): return [random.random(), random.uniform(0, 1)]");
    Set<Double> numbers = new HashSet<>();

    for (int i = 0; i < 50; i++) {
      CodeOutcome outcome = run(language, source, Capability.RANDOM);
      assertThat(outcome).isInstanceOf(Result.class);
      CanonicalJson.read(((Result) outcome).output()).forEach(n -> numbers.add(n.asDouble()));
    }

    assertThat(numbers).hasSize(100).allMatch(n -> n >= 0 && n < 1);
    assertThat(numbers).anyMatch(n -> n < 0.25).anyMatch(n -> n > 0.75);
  }

  @Test
  void shouldGiveRandomBytesOfTheSystemToPython() throws Exception {
    String source =
        "import os, uuid\ndef handle(i): return [os.urandom(9).hex(), str(uuid.uuid4())]";

    assertThat(run(Language.PYTHON, source, Capability.RANDOM))
        .isInstanceOf(Result.class)
        .isNotEqualTo(run(Language.PYTHON, source, Capability.RANDOM));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldCallTools(Language language) throws Exception {
    String source =
        of(
            language,
            "async function handle(i) { return [await tool('double', i), tool('words').length, tool('double', {n: 5}).n] }",
            "def handle(i): return [tool('double', i), len(tool('words')), tool('double', {'n': 5})['n']]");

    assertThat(run(language, source, Capability.TOOLS))
        .isEqualTo(new Result(new Json("[{\"n\":4},12,10]")));
    assertThat(asked).hasSize(3);
    assertThat(CanonicalJson.read(asked.getFirst()).toString())
        .isEqualTo(
            CanonicalJson.read(
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"double\",\"arguments\":{\"n\":2}}}")
                .toString());
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldThrowWhatAToolFailsWith(Language language) throws Exception {
    String caught =
        of(
            language,
            "function handle() { try { tool('luck') } catch (e) { return [e.name, e.message] } }",
            "def handle(i):\n  try: tool('luck')\n  except ToolError as e: return [type(e).__name__, str(e)]");
    String uncaught =
        of(language, "function handle() { tool('luck') }", "def handle(i): tool('luck')");

    assertThat(run(language, caught, Capability.TOOLS))
        .isEqualTo(new Result(new Json("[\"ToolError\",\"no such luck\"]")));
    assertThat(run(language, uncaught, Capability.TOOLS))
        .satisfies(
            outcome -> {
              assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.CRASH);
              assertThat(((Failure) outcome).detail()).startsWith("ToolError: no such luck");
            });
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldSayWhatTheGatewaySaysThatGivesNoResult(Language language) throws Exception {
    String source =
        of(
            language,
            "function handle() { try { tool('x') } catch (e) { return e.message } }",
            "def handle(i):\n  try: tool('x')\n  except ToolError as e: return str(e)");
    for (var said :
        List.of(
            List.of(
                "{\"error\":{\"code\":-32602,\"message\":\"Unknown tool: x\"}}", "Unknown tool: x"),
            List.of("{\"status\":503,\"detail\":\"nobody there\"}", "nobody there"),
            List.of("not json", "the gateway answers with 200 and no JSON"))) {
      assertThat(
              run(
                  language,
                  source,
                  Set.of(Capability.TOOLS),
                  (_, _, _, _) -> reply(said.getFirst()),
                  PATIENT))
          .isEqualTo(new Result(new Json("\"" + said.getLast() + "\"")));
    }
  }

  /// A tool has a time of its own.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldNotCountTheTimeOfATool(Language language) throws Exception {
    // Given code with less time than its tool takes
    String source =
        of(
            language,
            "function handle(i) { tool('double', i); return tool('double', i) }",
            "def handle(i):\n  tool('double', i)\n  return tool('double', i)");
    run(language, source, Capability.TOOLS); // loaded
    var limits = new CodeLimits(Duration.ofMillis(600), 64 << 20, 10_000);

    // When
    CodeOutcome outcome =
        run(
            language,
            source,
            Set.of(Capability.TOOLS),
            (by, before, message, patience) -> {
              Thread.sleep(700);
              return answer(by, before, message, patience);
            },
            limits);

    // Then
    assertThat(outcome).isEqualTo(new Result(new Json("{\"n\":4}")));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldCountItsOwnTimeBehindATool(Language language) throws Exception {
    String source =
        of(
            language,
            "function handle(i) { tool('double', i); for (;;); }",
            "def handle(i):\n  tool('double', i)\n  while True: pass");
    var limits = new CodeLimits(Duration.ofMillis(500), 64 << 20, 10_000, Long.MAX_VALUE);

    assertThat(run(language, source, Set.of(Capability.TOOLS), this::answer, limits))
        .satisfies(
            outcome -> assertThat(((Failure) outcome).failure()).isEqualTo(FailureClass.TIMEOUT));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldEndACallThatIsCancelledWhileItWaitsForATool(Language language) throws Exception {
    // Given
    var waits = new CountDownLatch(1);
    String source =
        of(
            language,
            "function handle(i) { try { tool('double', i) } finally { return 1 } }",
            "def handle(i):\n  try: tool('double', i)\n  finally: return 1");
    var call =
        new FutureTask<>(
            () ->
                run(
                    language,
                    source,
                    Set.of(Capability.TOOLS),
                    (_, _, _, _) -> {
                      waits.countDown();
                      Thread.sleep(Duration.ofMinutes(5));
                      return reply("");
                    },
                    PATIENT));
    Thread thread = Thread.ofPlatform().daemon().start(call);
    assertThat(waits.await(60, TimeUnit.SECONDS)).isTrue();

    // When
    thread.interrupt();

    // Then
    assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(InterruptedException.class);
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldBoundTheCallsOfToolsAndWhatTheyAreGiven(Language language) throws Exception {
    String many =
        of(
            language,
            "function handle() { let n = 0; try { for (;;) { tool('double', {n}); n++ } } catch (e) { return [n, e.message] } }",
            "def handle(i):\n  n = 0\n  try:\n    while True:\n      tool('double', {'n': n})\n      n += 1\n  except ToolError as e: return [n, str(e)]");
    String large =
        of(
            language,
            "function handle() { try { tool('double', {n: 'x'.repeat(2e6)}) } catch (e) { return e.message } }",
            "def handle(i):\n  try: tool('double', {'n': 'x' * 2000000})\n  except ToolError as e: return str(e)");

    assertThat(run(language, many, Capability.TOOLS))
        .isEqualTo(
            new Result(new Json("[100,\"at most 100 calls of tools expected of one call\"]")));
    assertThat(run(language, large, Capability.TOOLS).toString())
        .contains("of at most 1 MiB expected");
    assertThat(asked).hasSize(100);
  }

  /// Whatever goes through the descriptor was written by code.
  @Test
  void shouldTakeWhateverPythonWritesToTheDescriptorOfTools() throws Exception {
    String source =
        """
        import os
        def handle(i):
            said = []
            for line in (b'no json\\n', b'{"name":\\n', b'7\\n', b'\\xff\\n', b'{"name":"double","arguments":{"n":1}}\\n'):
                os.write(3, line)
                said.append(os.read(3, 1000).decode())
            return said + [os.read(3, 10).decode()]
        """;

    CodeOutcome outcome = run(Language.PYTHON, source, Capability.TOOLS);

    assertThat(outcome).isInstanceOf(Result.class);
    var said = CanonicalJson.read(((Result) outcome).output());
    assertThat(said).hasSize(6);
    for (int i : new int[] {0, 1, 2, 3}) {
      assertThat(said.get(i).asText()).startsWith("{\"error\":");
    }
    assertThat(said.get(4).asText()).isEqualTo("{\"value\":{\"n\":2}}\n");
    assertThat(said.get(5).asText()).isEmpty();
    assertThat(run(Language.PYTHON, "import os\ndef handle(i): os.write(3, b'x')"))
        .isInstanceOf(Failure.class);
  }
}
