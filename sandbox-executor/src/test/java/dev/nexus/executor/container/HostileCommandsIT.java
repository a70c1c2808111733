package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.Neighbour;
import dev.nexus.executor.PublishedTable;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Command;
import dev.nexus.testkit.NeedsTool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What a command tries comes to nothing but its own result, also where whatever an application
/// allows let it through: nothing here asks for that. What came of each is a table of
/// `docs/sandbox-security.md`.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class HostileCommandsIT {
  private static final CodeLimits LIMITS = new CodeLimits(Duration.ofSeconds(3), 64 << 20, 10_000);

  /// Begins the file of users, and what `id` prints: nobody asked for either.
  private static final List<String> HARM = List.of("HARM", "root:", "uid=");

  private static final String LEFT =
      """
      import os
      def handle(i):
        return [os.listdir('/tmp'), os.path.exists('/dev/shm'),
                len([p for p in os.listdir('/proc') if p.isdigit()]) < 5]
      """;

  private static Rig rig;

  @BeforeAll
  static void open() throws Exception {
    rig = Rig.open(3);
  }

  @AfterAll
  static void close() {
    rig.close();
  }

  private static CodeOutcome run(String path, List<String> args) throws InterruptedException {
    return rig.run(pool(), new Command(TenantId.DEFAULT, path, args), "{}", LIMITS);
  }

  private static Home.Pool pool() {
    return Rig.pool("commands", 1);
  }

  @Test
  void shouldComeToItsOwnResultOnly() throws Exception {
    var table = new PublishedTable("| what a command tries | what came of it |");
    List<String> wrong = new ArrayList<>();
    try (var neighbour = Neighbour.of("the other container", HostileCommandsIT::askNeighbour)) {
      for (CommandAbuse abuse : CommandAbuse.values()) {
        table.begin(abuse.words());
        table.add(
            neighbour.during(
                abuse.words(), () -> tried(abuse.words(), abuse.path(), abuse.args(), wrong)));
        table.end();
      }
      for (ContainerAbuse abuse : ContainerAbuse.values()) {
        table.begin(abuse.words());
        List<String> args = List.of("-c", abuse.source(Language.PYTHON) + "print(handle(1))\n");
        table.addOneOf(
            neighbour.during(
                abuse.words(), () -> tried(abuse.words(), "/usr/bin/python3", args, wrong)),
            abuse.ends().stream().map(FailureClass::name).collect(Collectors.toSet()));
        table.end();
      }
    }
    assertThat(wrong).isEmpty();
    table.compare();
  }

  private static void askNeighbour() throws InterruptedException {
    var command = new Command(TenantId.DEFAULT, "/usr/bin/printf", List.of("%s", "here"));
    CodeOutcome outcome = rig.run(Rig.pool("neighbour", 1), command, "{}", Rig.PATIENT);
    assertThat(outcome).isInstanceOf(Result.class);
    assertThat(CanonicalJson.read(((Result) outcome).output()).path("stdout").asText())
        .isEqualTo("here");
  }

  private static String tried(String words, String path, List<String> args, List<String> wrong)
      throws InterruptedException {
    long begun = System.nanoTime();
    CodeOutcome outcome = run(path, args);
    long took = (System.nanoTime() - begun) / 1_000_000;
    String told = told(outcome);
    System.out.printf(
        "%s: %d ms, %s%n", words, took, told.substring(0, Math.min(300, told.length())));
    if (HARM.stream().anyMatch(told::contains) && !args.contains("%s")) {
      wrong.add(words + ": " + told);
    }
    CodeOutcome left = rig.run(pool(), Language.PYTHON, LEFT, "1", Rig.PATIENT);
    if (!left.equals(new Result(new Json("[[],false,true]")))) {
      wrong.add("behind " + words + ": " + left);
    }
    return words(outcome);
  }

  private static String told(CodeOutcome outcome) {
    return outcome instanceof Result(var output, _) ? output.text() : outcome.toString();
  }

  private static String words(CodeOutcome outcome) {
    if (!(outcome instanceof Result(var output, _))) {
      return PublishedTable.words(outcome);
    }
    JsonNode result = CanonicalJson.read(output);
    String code = "exit code " + result.path("exit_code").asInt();
    return result.path("truncated").asBoolean() ? code + ", its output cut off" : code;
  }
}
