package dev.nexus.executor.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
import dev.nexus.executor.Neighbour;
import dev.nexus.executor.PublishedTable;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.code.Tools.Reply;
import dev.nexus.testkit.NeedsTool;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Whatever a call does with the socket for tools ends with it, and is nobody else's. What came of
/// each is a table of `docs/sandbox-security.md`.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class HostileToolsIT {
  private static final String HOSTILE = "hostile-tools";
  private static final String NEXT = "def handle(i): return tool('next', i)";
  private static final String NEIGHBOURS = "def handle(i): return tool('neighbour', i)";
  private static final Result ANSWERED = new Result(new Json("7"));
  private static final byte[] SEVEN =
      "{\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"7\"}],\"_meta\":{\"dev.nexus/output\":\"json\"}}}"
          .getBytes(UTF_8);

  private final List<String> reached = new CopyOnWriteArrayList<>();

  @Test
  void shouldEndWithTheCall() throws Exception {
    var table =
        new PublishedTable("| what a call does with the socket for tools | what came of it |");
    List<String> wrong = new ArrayList<>();
    try (Rig rig =
            Rig.open(
                2,
                (by, before, message, patience) -> {
                  var asked = CanonicalJson.read(new String(message, UTF_8));
                  String tool = asked.at("/params/name").asText();
                  if (!tool.equals("neighbour")) {
                    reached.add(tool);
                  }
                  return new Reply(200, SEVEN);
                });
        var neighbour =
            Neighbour.of(
                "the call of another container that calls a tool",
                () -> assertThat(run(rig, "neighbour", NEIGHBOURS)).isEqualTo(ANSWERED))) {
      for (ToolAbuse abuse : ToolAbuse.values()) {
        CodeOutcome outcome =
            neighbour.during(abuse.words(), () -> run(rig, HOSTILE, abuse.source()));
        table.begin(abuse.words());
        table.add(words(outcome));
        table.end();
        System.out.printf("%s: %s%n", abuse, outcome);
        reached.clear();
        CodeOutcome next = run(rig, HOSTILE, NEXT);
        if (!next.equals(ANSWERED) || !reached.equals(List.of("next"))) {
          wrong.add("behind " + abuse.words() + ": " + next + ", reached: " + reached);
        }
      }
    }
    assertThat(wrong).isEmpty();
    table.compare();
  }

  private static String words(CodeOutcome outcome) {
    return outcome instanceof Result(var output, _)
        ? CanonicalJson.read(output).asText()
        : PublishedTable.words(outcome);
  }

  private static CodeOutcome run(Rig rig, String pool, String source) throws InterruptedException {
    return rig.run(
        new CodeCall(
            new Script(TenantId.DEFAULT, Language.PYTHON, source),
            Rig.pool(pool, 1),
            new Json("1"),
            Rig.PATIENT,
            Set.of(Capability.TOOLS),
            Samples.task("work", "1")));
  }
}
