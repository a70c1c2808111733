package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Command;
import dev.nexus.testkit.NeedsTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commands in real containers.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class CommandsIT {
  @TempDir private static Path elsewhere;
  private static Rig rig;

  @BeforeAll
  static void open() throws Exception {
    rig = Rig.open(4);
  }

  @AfterAll
  static void close() {
    rig.close();
  }

  private static CodeOutcome outcome(CodeLimits limits, String path, String... args)
      throws InterruptedException {
    return rig.run(
        Rig.pool("tools", 1), new Command(TenantId.DEFAULT, path, List.of(args)), "{}", limits);
  }

  private static JsonNode run(String path, String... args) throws InterruptedException {
    return output(outcome(Rig.PATIENT, path, args));
  }

  private static JsonNode output(CodeOutcome outcome) {
    assertThat(outcome).isInstanceOf(Result.class);
    return CanonicalJson.read(((Result) outcome).output());
  }

  private static void assertOutput(JsonNode output, String stdout, int exitCode) {
    assertThat(output.path("stdout").asText()).isEqualTo(stdout);
    assertThat(output.path("exit_code").asInt(-1)).isEqualTo(exitCode);
    assertThat(output.has("truncated")).isFalse();
  }

  @Test
  void shouldGiveWhatAProgramPrintsAndItsExitCode() throws Exception {
    assertOutput(run("/usr/bin/jq", "-c", "-n", "{a: (1 + 2)}"), "{\"a\":3}\n", 0);
    assertOutput(run("/usr/bin/false"), "", 1);

    JsonNode failed = run("/usr/bin/jq", "-n", "{");
    assertThat(failed.path("stderr").asText()).contains("syntax error");
    assertOutput(failed, "", 3);
  }

  @Test
  void shouldPassArgumentsOnAsTheyAre() throws Exception {
    String[] odd = {
      "%s|", "", " ", "$HOME", "`id`", "$(id)", "; id", "*", "-c", "--", "\n", "ä€😀"
    };
    assertOutput(
        run("/usr/bin/printf", odd),
        String.join("|", Arrays.asList(odd).subList(1, odd.length)) + "|",
        0);
  }

  @Test
  void shouldHaveAnEmptyInputAndAnEnvironmentOfThreeVariables() throws Exception {
    assertOutput(run("/usr/bin/cat"), "", 0);
    assertOutput(run("/usr/bin/pwd"), "/tmp\n", 0);
    assertThat(run("/usr/bin/env").path("stdout").asText().lines())
        .satisfiesExactlyInAnyOrder(
            path -> assertThat(path).startsWith("PATH=/usr/local/sbin:/usr/local/bin:"),
            home -> assertThat(home).isEqualTo("HOME=/tmp"),
            lang -> assertThat(lang).isEqualTo("LANG=C.UTF-8"));
    assertThat(run("/usr/bin/id", "-u").path("stdout").asText().strip()).isNotEqualTo("0");
  }

  @Test
  void shouldHaveNoDescriptorsButThoseOfItsOwn() throws Exception {
    assertOutput(
        run(
            "/usr/bin/python3",
            "-c",
            """
            import os
            def is_open(n):
                try: return bool(os.fstat(n))
                except OSError: return False
            print([n for n in range(256) if is_open(n)])
            """),
        "[0, 1, 2]\n",
        0);
  }

  @Test
  void shouldTellASignalByItsExitCode() throws Exception {
    for (int signal : List.of(9, 11, 15)) {
      assertOutput(
          run("/usr/bin/python3", "-c", "import os; os.kill(os.getpid(), " + signal + ")"),
          "",
          128 + signal);
    }
  }

  @Test
  void shouldCutOffWhatIsTooLongAndSaySo() throws Exception {
    JsonNode output =
        run(
            "/usr/bin/python3",
            "-c",
            "import sys; print('é' * 20000); print('x', file=sys.stderr)");
    assertThat(output.path("truncated").asBoolean()).isTrue();
    assertThat(output.path("stdout").asText()).matches("é{2000,2500}");
    assertThat(output.path("stderr").asText()).isEqualTo("x\n");
    assertThat(output.path("exit_code").asInt(-1)).isZero();
  }

  /// A control character takes six bytes of JSON, and what is no UTF-8 takes three.
  @Test
  void shouldKeepTheWholeResultWithinItsLimitWhateverIsPrinted() throws Exception {
    for (String bytes : List.of("b'\\0'", "b'\\xff'", "b'\"'", "b'\\xf0\\x9f\\x98\\x80'")) {
      String program =
          "import sys; d = %s * 50000; sys.stdout.buffer.write(d); sys.stderr.buffer.write(d)"
              .formatted(bytes);
      CodeOutcome outcome = outcome(Rig.PATIENT, "/usr/bin/python3", "-c", program);
      assertThat(output(outcome).path("truncated").asBoolean()).as(bytes).isTrue();
      assertThat(output(outcome).path("stderr").asText()).as(bytes).isNotEmpty();
    }
  }

  @Test
  void shouldEndWhatTakesTooLongAndKeepTheContainer() throws Exception {
    var brief = new CodeLimits(Duration.ofMillis(500), 64 << 20, 10_000);
    Failure late = (Failure) outcome(brief, "/usr/bin/sleep", "1000");
    assertThat(late.failure()).isEqualTo(FailureClass.TIMEOUT);
    assertThat(late.detail()).contains("/usr/bin/sleep did not end within ");
    Failure told =
        (Failure)
            outcome(
                brief, "/usr/bin/python3", "-uc", "import time; print('begun'); time.sleep(100)");
    assertThat(told.failure()).isEqualTo(FailureClass.TIMEOUT);
    assertThat(told.logs()).isEqualTo("begun\n");

    assertOutput(run("/usr/bin/printf", "next"), "next", 0);
    var key = new PoolKey(Rig.pool("tools", 1), Rig.IMAGES.of(Language.PYTHON));
    assertThat(rig.pools().pool(key).view().members()).hasSize(1);
  }

  @Test
  void shouldSayThatMemoryEnded() throws Exception {
    Failure outcome =
        (Failure) outcome(Rig.PATIENT, "/usr/bin/python3", "-c", "x = b'x' * (1 << 32)");
    assertThat(outcome.failure()).isEqualTo(FailureClass.MEMORY);
    assertOutput(run("/usr/bin/printf", "next"), "next", 0);
  }

  @Test
  void shouldNameTheProgramAndTheImageThatHasNone() throws Exception {
    Failure outcome = (Failure) outcome(Rig.PATIENT, "/usr/bin/yq", "-n");
    assertThat(outcome.failure()).isEqualTo(FailureClass.INVALID_DEFINITION);
    assertThat(outcome.detail())
        .isEqualTo(
            "there is no program /usr/bin/yq: No such file or directory (image "
                + Rig.IMAGES.of(Language.PYTHON)
                + ")");
  }

  @Test
  void shouldRunCodeAndCommandsOfOnePoolBesideEachOther() throws Exception {
    Home.Pool pool = Rig.pool("both", 1);
    for (int i = 0; i < 5; i++) {
      assertOutput(
          output(
              rig.run(
                  pool,
                  new Command(TenantId.DEFAULT, "/usr/bin/touch", List.of("/tmp/left")),
                  "{}")),
          "",
          0);
      assertThat(
              rig.run(
                  pool,
                  Language.PYTHON,
                  "import os\ndef handle(i): return os.listdir('/tmp')",
                  "1",
                  Rig.PATIENT))
          .isEqualTo(new Result(new dev.nexus.event.Json("[]")));
    }
  }

  @Test
  void shouldRunCommandsInTheRunnerOfJavaScriptToo() throws Exception {
    var pool =
        new Home.Pool(
            TenantId.DEFAULT,
            "shop",
            new PoolDefinition("js", Rig.IMAGES.of(Language.JAVASCRIPT), 0, 1, 1, 256L << 20));
    for (int i = 0; i < 2; i++) {
      assertOutput(
          output(
              rig.run(
                  pool,
                  new Command(TenantId.DEFAULT, "/usr/bin/node", List.of("-p", "1 + 1")),
                  "{}")),
          "2\n",
          0);
    }
  }

  @Test
  void shouldRunWrappersOnFilesAndTexts() throws Exception {
    assertOutput(
        run("/usr/local/bin/sed-wrapper", "-E", "--text", "a-b", "s/(a)-(b)/\\2-\\1/"), "b-a", 0);
    assertOutput(
        run("/usr/local/bin/sed-wrapper", "-n", "-e", "1p", "/etc/debian_version", "/etc/passwd"),
        run("/usr/bin/cat", "/etc/debian_version").path("stdout").asText(),
        0);
    assertOutput(
        run(
            "/usr/local/bin/awk-wrapper",
            "-F",
            ",",
            "-v",
            "n=2",
            "--text",
            "a,b\nc,d",
            "{ print $n }"),
        "b\nd\n",
        0);
    // There is no network, so it comes as far as that.
    JsonNode curl = run("/usr/local/bin/curl-wrapper", "-L", "https://example.org/");
    assertThat(curl.path("stderr").asText()).contains("Could not resolve host");
    assertOutput(curl, "", 6);
  }

  /// What an image of a user's own calls a tool may be anything.
  @Test
  void shouldLookWhereTheLinksOfAnImageLead() throws Exception {
    var directory = Files.createDirectories(elsewhere.resolve("links"));
    Files.writeString(
        directory.resolve("Dockerfile"),
        """
        FROM nexus/runner-python:offline
        USER root
        RUN ln -s /bin/sh /usr/local/bin/tool && ln -s /tmp/x /usr/local/bin/later \\
          && ln -s /usr/bin/printf /usr/local/bin/print && echo data > /usr/local/bin/broken \\
          && chmod 755 /usr/local/bin/broken && ln -s loop /usr/local/bin/loop
        USER 10001:10001
        """);
    String image = "nexus-test/links:" + rig.base().getFileName();
    assertThat(docker("build", "--quiet", "--tag", image, directory.toString())).isZero();
    try {
      var pool =
          new Home.Pool(
              TenantId.DEFAULT, "shop", new PoolDefinition("links", image, 0, 1, 1, 256L << 20));

      assertOutput(output(rig.run(pool, tool("print"), "{}")), "-c", 0);
      assertRefused(rig.run(pool, tool("tool"), "{}"), FailureClass.PERMISSION, "no shell is run");
      assertRefused(
          rig.run(pool, tool("later"), "{}"), FailureClass.PERMISSION, "which is /tmp/x,");
      assertRefused(
          rig.run(pool, tool("broken"), "{}"),
          FailureClass.INVALID_DEFINITION,
          "cannot be run: Exec format error (image " + image + ")");
      assertRefused(rig.run(pool, tool("loop"), "{}"), FailureClass.INVALID_DEFINITION, "loop");
    } finally {
      assertThat(docker("image", "rm", "--force", image)).isZero();
    }
  }

  private static Command tool(String name) {
    return new Command(TenantId.DEFAULT, "/usr/local/bin/" + name, List.of("-c"));
  }

  private static void assertRefused(CodeOutcome outcome, FailureClass failure, String detail) {
    assertThat(outcome).isInstanceOf(Failure.class);
    assertThat(((Failure) outcome).failure()).isEqualTo(failure);
    assertThat(((Failure) outcome).detail()).contains(detail);
  }

  private static int docker(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
