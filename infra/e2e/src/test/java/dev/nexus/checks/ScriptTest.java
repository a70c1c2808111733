package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script `nexus` on a machine where things are missing or fail.
class ScriptTest {
  @TempDir Path directory;

  private record Outcome(int code, String out, String err) {}

  @BeforeEach
  void copyScript() throws IOException {
    Files.copy(Repository.root().resolve("nexus"), directory.resolve("nexus"));
  }

  @Test
  void shouldSayInOneLineThatAnotherJdkWillNotDo() throws Exception {
    // Given a machine with JDK 17 only
    Path jdk = directory.resolve("jdk-17");
    program(jdk.resolve("bin/javac"), "exit 0");
    program(jdk.resolve("bin/java"), "echo '    java.home = " + jdk + "' >&2");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
    String path = jdk.resolve("bin") + ":/usr/bin:/bin";

    // When
    Outcome told = run(Map.of("JAVA_HOME", jdk.toString(), "PATH", path), "status");
    Outcome found = run(Map.of("PATH", path), "status");

    // Then
    for (Outcome outcome : List.of(told, found)) {
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.out()).isEmpty();
      assertThat(outcome.err().lines()).hasSize(1);
      assertThat(outcome.err())
          .startsWith("Nexus needs JDK 25")
          .contains(jdk.toString())
          .contains("set JAVA_HOME");
    }
    assertThat(told.err()).contains("17.0.15");
  }

  @Test
  void shouldSayThatMavenIsMissing() throws Exception {
    // When
    Outcome outcome = run(Map.of("JAVA_HOME", jdk25(), "PATH", withoutMaven()), "status");

    // Then
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("Nexus needs Maven 3.8 or newer").contains("MAVEN_HOME");
  }

  @Test
  void shouldSayThatATestRunHasNoSuchOption() throws Exception {
    // Given a Maven that knows one option and must not be asked for a build
    program(
        directory.resolve("maven/bin/mvn"),
        """
        [ "$*" = --help ] && echo ' -o,--offline    Work offline' && exit 0
        touch '%s'
        """
            .formatted(directory.resolve("built")));
    Map<String, String> environment =
        Map.of(
            "JAVA_HOME",
            jdk25(),
            "MAVEN_HOME",
            directory.resolve("maven").toString(),
            "PATH",
            System.getenv("PATH"));

    // When
    Outcome outcome = run(environment, "test", "--sok");

    // Then
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("expected --soak, --json or an option of Maven, found '--sok'");
    assertThat(directory.resolve("built")).doesNotExist();
  }

  @Test
  void shouldSayWhatIsLeftOutWithoutAnEngineAndNotLeaveItOutInCi() throws Exception {
    // Given a test that needs containers, and a Docker that has Compose and no engine
    Path test = directory.resolve("infra/site/src/test/java/SiteIT.java");
    Files.createDirectories(test.getParent());
    // In two parts, or the script would take this line for a test's.
    Files.writeString(test, "@NeedsTool" + "({\"docker\", \"docker-compose\"})");
    program(directory.resolve("tools/docker"), "[ \"$1\" = compose ]");
    program(directory.resolve("maven/bin/mvn"), "exit 0");
    Map<String, String> environment = new HashMap<>();
    environment.put("JAVA_HOME", jdk25());
    environment.put("MAVEN_HOME", directory.resolve("maven").toString());
    environment.put("PATH", directory.resolve("tools") + ":" + System.getenv("PATH"));

    // When
    Outcome told = run(environment, "test");
    environment.put("CI", "true");
    Outcome inCi = run(environment, "test");

    // Then
    assertThat(told.code()).as(told.err()).isZero();
    assertThat(told.err())
        .contains("LEFT OUT: docker is missing: tests of containers do not run.")
        .doesNotContain("docker-compose is missing");
    assertThat(inCi.code()).isEqualTo(1);
    assertThat(inCi.err()).contains("CI must have docker: a test uses it.");
  }

  @Test
  void shouldSumUpATestRunAsJson() throws Exception {
    // Given a Maven whose run fails one test of three; of a parameterized class it counts none
    Path report = directory.resolve("module/target/surefire-reports/TEST-a.OddTest.xml");
    program(
        directory.resolve("maven/bin/mvn"),
        """
        case "$*" in *spotless:check*) exit 0 ;; esac
        mkdir -p '%s'
        cat > '%s' <<'XML'
        <testsuite name="a.OddTest" tests="0" errors="0" skipped="0" failures="0">
          <testcase name="shouldHold" classname="a.OddTest"/>
          <testcase name="shouldWait" classname="a.OddTest">
            <skipped/>
          </testcase>
          <testcase name="shouldQuote{String}[&quot;a&quot;]" classname="a.OddTest">
            <failure message="no">no</failure>
          </testcase>
        </testsuite>
        XML
        exit 1
        """
            .formatted(report.getParent(), report));
    Map<String, String> environment =
        Map.of(
            "JAVA_HOME",
            jdk25(),
            "MAVEN_HOME",
            directory.resolve("maven").toString(),
            "PATH",
            System.getenv("PATH"));

    // When
    Outcome outcome = run(environment, "test", "--json");

    // Then
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(1);
    assertThat(outcome.out().lines()).hasSize(1);
    JsonNode summary = new ObjectMapper().readTree(outcome.out());
    assertThat(summary.path("ok").asBoolean(true)).isFalse();
    assertThat(summary.path("tests").asInt()).isEqualTo(3);
    assertThat(summary.path("passed").asInt()).isEqualTo(1);
    assertThat(summary.path("failed").asInt()).isEqualTo(1);
    assertThat(summary.path("skipped").asInt()).isEqualTo(1);
    assertThat(summary.path("failures").valueStream().map(JsonNode::asText))
        .containsExactly("a.OddTest.shouldQuote{String}[\"a\"]");
  }

  @Test
  void shouldSayOfEachModuleWhatItTestedAlsoWhereTwoTakeTurnsInTheLog() throws Exception {
    // Given
    String twoAtOnce =
        """
        case "$*" in *spotless:check*) exit 0 ;; esac
        mkdir -p projector/target/surefire-reports infra/testkit/target/failsafe-reports
        printf '<testcase name="%s"/>\n' 1 2 > projector/target/surefire-reports/TEST-a.xml
        printf '<testcase name="%s"/>\n' 1 2 3 > infra/testkit/target/failsafe-reports/TEST-b.xml
        echo '[INFO] Building nexus 0.1.0-SNAPSHOT                       [1/3]'
        echo '[INFO] Building nexus-testkit 0.1.0-SNAPSHOT               [2/3]'
        echo '[INFO] Building nexus-projector 0.1.0-SNAPSHOT             [3/3]'
        echo '[INFO] --- maven-failsafe-plugin:3.5.4:verify (default) @ nexus-testkit ---'
        echo '[INFO] --- failsafe:3.5.4:verify (default) @ nexus-projector ---'
        echo '[INFO] Reactor Summary for nexus 0.1.0-SNAPSHOT:'
        """;

    // When
    Outcome outcome = runWithMaven(twoAtOnce, "test");

    // Then
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("5 passed, 0 failed, 0 skipped");
    assertThat(outcome.err().lines().filter(line -> line.endsWith(" s")))
        .satisfiesExactly(
            line -> assertThat(line).matches("  testkit +3 tests +\\d+ s"),
            line -> assertThat(line).matches("  projector +2 tests +\\d+ s"));
  }

  @Test
  void shouldTellEachErrorOnceWithoutWhatMavenSaysAroundThem() throws Exception {
    // Given
    String failing =
        """
        case "$*" in *spotless:check*) exit 0 ;; esac
        cat <<'LOG'
        %s
        LOG
        exit 1
        """
            .formatted(FailedRun.LOG.replace("ROOT", directory.toRealPath().toString()));

    // When
    Outcome outcome = runWithMaven(failing, "test");

    // Then
    assertThat(outcome.code()).isEqualTo(1);
    List<String> errors =
        outcome
            .err()
            .lines()
            .dropWhile(line -> !line.equals("Testing Nexus"))
            .skip(1)
            .takeWhile(line -> !line.startsWith("The whole log"))
            .toList();
    assertThat(errors)
        .containsExactly(
            "  OddTest.shouldHold:12 ",
            "Expecting actual:",
            "  1",
            "  OddTest.shouldWait:20 ",
            "Expecting actual:",
            "  at least 2",
            "b/src/main/java/B.java:[3,5] cannot find symbol",
            "  symbol:   variable C",
            "Failed to execute goal compiler:compile on project nexus-b: Compilation failure",
            "Failed to execute goal on project nexus-c: Could not resolve d:1",
            "Failed to execute goal failsafe:verify on project nexus-d: ",
            "ExecutionException The forked VM terminated without properly saying goodbye.",
            "Process Exit Code: 143",
            "Crashed tests:",
            "d.EndedIT");
  }

  @Test
  void shouldBuildAnewAfterABuildThatWasKilled() throws Exception {
    // Given a Maven that is killed while it writes a jar
    Path jar = directory.resolve("event-schemas/target/nexus-event-schemas-0.1.0-SNAPSHOT.jar");
    Files.createDirectories(jar.getParent());
    Files.writeString(directory.resolve("event-schemas/pom.xml"), "<project/>");
    Outcome killed = runWithMaven("echo half > '" + jar + "'; kill -9 $$", "up");
    assertThat(killed.code()).isEqualTo(1);
    assertThat(jar).exists();

    // When the next one looks what is there, and ends with a fault of the sources
    String looksAndFails =
        """
        if [ -e '%1$s' ]; then echo '[ERROR] the jar is there'; else echo '[ERROR] it is clean'; fi
        mkdir -p '%2$s'; echo whole > '%1$s'; exit 1"""
            .formatted(jar, jar.getParent());
    Outcome second = runWithMaven(looksAndFails, "up");
    Outcome third = runWithMaven(looksAndFails, "up");

    // Then it began without what was half there, and the one after it keeps what was ended
    assertThat(second.err())
        .contains("The last build did not end: what it left is removed")
        .contains("it is clean");
    assertThat(third.err()).doesNotContain("did not end").contains("the jar is there");
  }

  @Test
  void shouldNotBuildOnAnEmptyJar() throws Exception {
    // Given
    Path jar = directory.resolve("projector/target/nexus-projector-0.1.0-SNAPSHOT.jar");
    Files.createDirectories(jar.getParent());
    Files.writeString(directory.resolve("projector/pom.xml"), "<project/>");
    Files.createFile(jar);

    // When
    runWithMaven("exit 1", "status");

    // Then
    assertThat(jar).doesNotExist();
  }

  @Test
  void shouldExplainItselfBeforeTheFirstBuild() throws Exception {
    for (String asked : List.of("--help", "-h")) {
      // When
      Outcome outcome = runWithMaven("echo '[ERROR] was asked'; exit 1", asked);

      // Then
      assertThat(outcome.code()).isZero();
      assertThat(outcome.err()).isEmpty();
      assertThat(outcome.out())
          .contains("./nexus demo")
          .contains("./nexus test")
          .contains("The first command builds it");
    }
    assertThat(runWithMaven("exit 1", "apply", "--help").err())
        .startsWith("The help of a command is part of the program, which is built first.");
  }

  @Test
  void shouldExplainItselfOnATerminalOfEightyColumns() {
    for (String script : List.of("nexus", "infra/images/build.sh")) {
      List<String> helps =
          Pattern.compile("(?ms)cat <<'HELP'$(.*?)^HELP$")
              .matcher(new TextFile(script).text())
              .results()
              .map(match -> match.group(1))
              .toList();
      assertThat(helps).as(script).isNotEmpty();
      assertThat(String.join("", helps).lines())
          .as(script)
          .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }
  }

  @Test
  void shouldHaveTheHelpOfTheProgramListWhatTheScriptDoesItself() throws IOException {
    // Given
    List<String> own =
        Pattern.compile("(?m)^if \\[ \"\\$\\{1:-}\" = ([a-z]+) ]; then$")
            .matcher(Files.readString(directory.resolve("nexus")))
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(own).contains("test", "images", "bench");

    // When
    var help = new StringWriter();
    var out = new PrintWriter(help, true);
    int code = Verbs.run(new Terminal(out, out, Map.of()), "--help");

    // Then
    assertThat(code).isZero();
    for (String command : own) {
      assertThat(help.toString()).containsPattern("(?m)^  " + command + " +[A-Z]");
    }
  }

  @Test
  void shouldTellThatAPortIsTakenBeforeItPreparesFastStarts() throws Exception {
    // Given what is built and was not used yet, and a port that is taken
    Path calls = directory.resolve("calls");
    Path taken = Files.createFile(directory.resolve("taken"));
    Path jdk = directory.resolve("jdk-25");
    program(jdk.resolve("bin/javac"), "exit 0");
    program(
        jdk.resolve("bin/java"),
        """
        while [ "$1" != dev.nexus.standalone.Nexus ]; do shift; done
        shift
        echo "$*" >> '%s'
        case "$*" in *--check) [ ! -e '%s' ] || { echo 'nexus: it is in use' >&2; exit 1; } ;; esac
        """
            .formatted(calls, taken));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    Path built = Files.createDirectories(directory.resolve("infra/standalone/target"));
    Path jar = Files.writeString(built.resolve("nexus-standalone-0.1.0-SNAPSHOT.jar"), "a jar");
    Files.writeString(built.resolve("classpath.txt"), jar.toString());
    Files.createFile(built.resolve("build.stamp"));
    Map<String, String> environment =
        Map.of("JAVA_HOME", jdk.toString(), "PATH", System.getenv("PATH"));

    // When
    Outcome refused = run(environment, "up", "--detach");
    // Then
    assertThat(refused).isEqualTo(new Outcome(1, "", "nexus: it is in use\n"));
    assertThat(calls).hasContent("up --detach --check");

    // When
    Files.delete(taken);
    Outcome started = run(environment, "up", "--detach");
    // Then
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.err()).contains("Preparing fast starts");
    assertThat(Files.readAllLines(calls))
        .containsExactly(
            "up --detach --check", "up --detach --check", "aot-training", "up --detach");
  }

  private Outcome runWithMaven(String script, String... arguments) throws Exception {
    program(directory.resolve("maven/bin/mvn"), script);
    return run(
        Map.of(
            "JAVA_HOME",
            jdk25(),
            "MAVEN_HOME",
            directory.resolve("maven").toString(),
            "PATH",
            System.getenv("PATH")),
        arguments);
  }

  private static String jdk25() {
    return System.getProperty("java.home");
  }

  /// A PATH with what the script uses, and no `mvn`.
  private String withoutMaven() throws IOException {
    Path tools = Files.createDirectories(directory.resolve("tools"));
    for (String name :
        List.of("bash", "dirname", "find", "grep", "head", "java", "mkdir", "sed", "touch")) {
      for (String place : System.getenv("PATH").split(":", -1)) {
        Path tool = Path.of(place, name);
        if (Files.isExecutable(tool) && Files.notExists(tools.resolve(name))) {
          Files.createSymbolicLink(tools.resolve(name), tool);
        }
      }
    }
    return tools.toString();
  }

  private static void program(Path file, String script) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Outcome run(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/bin/bash", "nexus"));
    command.addAll(List.of(arguments));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("HOME", directory.toString());
    builder.environment().put("NEXUS_JDKS", directory.resolve("no-jdks").toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("no answer within 2 minutes: " + Files.readString(err));
    }
    return new Outcome(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }
}
