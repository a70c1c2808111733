package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `dead-letters list | show | replay`.
@Command(
    name = "dead-letters",
    description = "Looks at records that could not be used, and has them tried again.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus dead-letters list --topic ingress --reason 'not registered'",
      "  ./nexus dead-letters show nexus.ingress-3@17",
      "  ./nexus dead-letters replay nexus.ingress-3@17",
      "  ./nexus dead-letters replay --all --topic ingress --reason 'not registered'",
    })
final class DeadLetterVerbs {
  private static final String PATH = "/v1/dead-letters";
  private static final int PAGE = 1_000;
  private static final int AT_ONCE = 250;

  private DeadLetterVerbs() {}

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new DeadLetterVerbs())
        .addSubcommand(new ListAll(terminal))
        .addSubcommand(new Show(terminal))
        .addSubcommand(new Replay(terminal));
  }

  /// Which letters are meant.
  private static final class Filter {
    @Option(names = "--topic", paramLabel = "TEXT", description = "Only of topics with this text.")
    private String topic = "";

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "Only with this text in the reason.")
    private String reason = "";

    String query() {
      return (topic.isEmpty() ? "" : "&topic=" + Api.encoded(topic))
          + (reason.isEmpty() ? "" : "&reason=" + Api.encoded(reason));
    }
  }

  @Command(
      name = "list",
      description = "Lists records that were put aside and not replayed since, newest first.")
  private static final class ListAll extends ApiVerb {
    @Mixin private final Filter filter = new Filter();

    @Option(names = "--replayed", description = "Only those that were replayed.")
    private boolean replayed;

    @Mixin private final Limit limit = new Limit();

    ListAll(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      JsonNode body =
          api.get(terminal, PATH + "?" + limit.query() + "&replayed=" + replayed + filter.query())
              .body();
      if (printed(body)) {
        return 0;
      }
      Table table = new Table("RECORD", "AT", "SERVICE", "REASON");
      for (JsonNode letter : body.path("deadLetters")) {
        table.row(letter, "id", "at", "service", "reason");
      }
      table.print(terminal, "nothing was put aside" + (replayed ? " and replayed" : ""));
      if (body.has("strays")) {
        terminal.tell(
            "passed over records on nexus.dead-letters that are no dead letters: "
                + body.path("strays").asInt()
                + ", the newest "
                + body.at("/newestStray/record").asText()
                + ": "
                + body.at("/newestStray/reason").asText());
      }
      if (body.has("next")) {
        terminal.tell("there are older ones: --limit takes up to " + PAGE);
      }
      return 0;
    }
  }

  @Command(name = "show", description = "Prints a record that was put aside, with its content.")
  private static final class Show extends ApiVerb {
    @Parameters(paramLabel = "RECORD", description = "As 'list' shows it.")
    private String id = "";

    Show(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      JsonNode body = api.get(terminal, PATH + "/" + Api.encoded(id)).body();
      if (printed(body)) {
        return 0;
      }
      for (var field : body.properties()) {
        JsonNode value = field.getValue();
        if (field.getKey().equals("headers")) {
          value
              .properties()
              .forEach(
                  header -> terminal.print("header " + line(header.getKey(), header.getValue())));
        } else {
          terminal.print(line(field.getKey(), value));
        }
      }
      return 0;
    }

    private static String line(String name, JsonNode value) {
      return name + ": " + (value.isValueNode() ? value.asText() : value.toString());
    }
  }

  @Command(
      name = "replay",
      description = {
        "Writes records again to where they stood, once what was wrong with them is mended.",
        "Whoever reads them knows them by the ids inside: what was done is not done twice.",
      })
  private static final class Replay extends ApiVerb {
    @Mixin private final Filter filter = new Filter();

    @Parameters(paramLabel = "RECORD", arity = "0..*", description = "As 'list' shows it.")
    private List<String> ids = List.of();

    @Option(
        names = "--all",
        description = "All of these topics and reasons that were not replayed yet, oldest first.")
    private boolean all;

    @Option(names = "--again", description = "Also one that was replayed already.")
    private boolean again;

    Replay(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      if (all != ids.isEmpty()) {
        throw new CommandFailedException(
            "name the records, or say --all (see './nexus dead-letters replay --help')");
      }
      ObjectNode answer = Terminal.object();
      ArrayNode outcomes = answer.putArray("replayed");
      ArrayNode refused = answer.putArray("refused");
      Telling telling = new Telling(terminal);
      List<String> asked = all ? waiting() : ids;
      for (int from = 0; from < asked.size(); from += AT_ONCE) {
        JsonNode body = replay(asked.subList(from, Math.min(asked.size(), from + AT_ONCE)));
        for (JsonNode one : body.path("replayed")) {
          outcomes.add(one);
          report(one.path("id").asText() + ": replayed");
        }
        for (JsonNode one : body.path("refused")) {
          refused.add(one);
          report(one.path("id").asText() + ": " + why(one));
        }
        telling.tell(outcomes.size() + refused.size() + " of " + asked.size() + " records");
      }
      if (all && !asked.isEmpty() && !inJson()) {
        terminal.tell(outcomes.size() + " replayed, " + refused.size() + " refused");
      }
      if (!outcomes.isEmpty() && !inJson()) {
        terminal.tell(
            "What is still wrong with one is put aside again, as another record: "
                + api.home().command(terminal, "dead-letters list"));
      }
      if (!printed(answer) && outcomes.isEmpty() && refused.isEmpty()) {
        terminal.tell("nothing that fits waits to be replayed");
      }
      return refused.isEmpty() ? 0 : 1;
    }

    /// Of what was replayed already, by the option that is typed here.
    private static String why(JsonNode refused) {
      return refused.has("replayedAt")
          ? "was replayed at " + refused.path("replayedAt").asText() + "; --again repeats it"
          : refused.path("error").asText();
    }

    private JsonNode replay(List<String> some) {
      ObjectNode body = Terminal.object().put("again", again);
      some.forEach(body.putArray("ids")::add);
      return api.post(terminal, PATH + "/replay", body.toString()).body();
    }

    private void report(String line) {
      if (!inJson()) {
        terminal.print(line);
      }
    }

    /// Everything that fits and may be replayed, in the order it was put aside.
    private List<String> waiting() {
      List<String> found = new ArrayList<>();
      String before = "";
      do {
        JsonNode page =
            api.get(terminal, PATH + "?replayed=false&limit=" + PAGE + before + filter.query())
                .body();
        page.path("deadLetters")
            .valueStream()
            .filter(letter -> letter.path("replayable").asBoolean())
            .forEach(letter -> found.add(letter.path("id").asText()));
        before = page.has("next") ? "&before=" + page.get("next").asLong() : "";
      } while (!before.isEmpty());
      return found.reversed().stream().distinct().toList();
    }
  }
}
