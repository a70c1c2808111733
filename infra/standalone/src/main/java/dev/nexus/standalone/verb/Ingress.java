package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Excerpt;
import java.util.StringJoiner;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ingress list | show`.
@Command(
    name = "ingress",
    description = "Looks at outside events and what became of them.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus ingress list                     the newest, whatever became of them",
      "  ./nexus ingress list --status unmatched  those that no trigger is for",
      "  ./nexus ingress list --remarked          of which a trigger could not be used",
      "  ./nexus ingress list --source urn:shop --id order-1",
      "  ./nexus ingress show 0@12                its data, what was decided and why",
      "",
      "An event stands at partition@offset of nexus.events. What was not let in at",
      "all, because its form or its source is unknown, is on nexus.dead-letters.",
      "The newest of each status are found, as many as NEXUS_PROJECTED_EVENTS says",
      "for a partition (default: 2000); nexus.events has older ones for longer.",
    })
final class Ingress {
  private static final int LONGEST_WHY = 100;

  private Ingress() {}

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new Ingress())
        .addSubcommand(new ListAll(terminal))
        .addSubcommand(new Show(terminal));
  }

  @Command(
      name = "list",
      description = {
        "Lists outside events, newest first.",
        "Of each status the newest are found, as many as NEXUS_PROJECTED_EVENTS says for a"
            + " partition (default: 2000), whatever is asked for; nexus.events has older ones for"
            + " longer.",
      })
  private static final class ListAll extends ApiVerb {
    @Option(
        names = "--status",
        paramLabel = "STATUS",
        description = "Only with this status: matched, unmatched, refused, duplicate, pending.")
    private String status = "";

    @Option(names = "--source", paramLabel = "SOURCE", description = "Only of this source.")
    private String source = "";

    @Option(names = "--type", paramLabel = "TYPE", description = "Only of this type.")
    private String type = "";

    @Option(names = "--id", paramLabel = "ID", description = "Only with this id of its source.")
    private String id = "";

    @Option(
        names = "--event-id",
        paramLabel = "ID",
        description = "Only that one: the correlationId of the executions it started.")
    private String eventId = "";

    @Option(
        names = "--app",
        paramLabel = "APP",
        description = "Only by integrations of this application.")
    private String app = "";

    @Option(
        names = "--remarked",
        description = {
          "Only those of which a trigger could not be used, such as one whose condition could not"
              + " be evaluated; not those that no trigger is for.",
        })
    private boolean remarked;

    @Mixin private final Limit limit = new Limit();

    @Mixin private final Cursor cursor = new Cursor();

    ListAll(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      JsonNode body = api.get(terminal, "/v1/events?" + query() + cursor.query()).body();
      if (printed(body)) {
        return 0;
      }
      Table table =
          new Table("PLACE", "STATUS", "SOURCE", "ID", "TYPE", "STARTED", "ACCEPTED", "WHY");
      String shortened = "";
      for (JsonNode event : body.path("events")) {
        if (shortened.isEmpty() && isLong(event)) {
          shortened = event.path("place").asText();
        }
        table.row(
            event.path("place").asText(),
            event.path("status").asText(),
            event.path("source").asText(),
            event.path("id").asText(),
            event.path("type").asText(),
            Integer.toString(event.path("executions").size()),
            event.path("acceptedAt").asText(),
            beginning(event.path("reason").asText()));
      }
      table.print(terminal, none(body));
      if (!shortened.isEmpty()) {
        terminal.tell("what ends with … is whole in './nexus ingress show " + shortened + "'");
      }
      cursor.tellOfNext(terminal, body);
      StringJoiner counts = new StringJoiner(", ");
      body.path("counts").properties().forEach(n -> counts.add(n.getKey() + " " + n.getValue()));
      terminal.tell((filtered() ? "ever, of every kind: " : "ever: ") + counts);
      return 0;
    }

    /// What was asked for may be older than all that can be listed, of which the answer has a note.
    private static String none(JsonNode body) {
      return body.path("note")
          .asText(
              body.has("cursor")
                  ? "no outside event on this page is of this kind"
                  : "no outside event is of this kind");
    }

    private static boolean isLong(JsonNode event) {
      return event.path("reason").asText().length() > LONGEST_WHY;
    }

    /// 'show' has the whole of it.
    private static String beginning(String reason) {
      return Excerpt.of(reason, LONGEST_WHY);
    }

    /// The counts are of all there are, whatever was asked for.
    private boolean filtered() {
      return !query().equals(limit.query());
    }

    private String query() {
      StringJoiner query = new StringJoiner("&");
      query.add(limit.query());
      add(query, "status", status);
      add(query, "source", source);
      add(query, "type", type);
      add(query, "id", id);
      add(query, "eventId", eventId);
      add(query, "app", app);
      add(query, "remarked", remarked ? "true" : "");
      return query.toString();
    }

    private static void add(StringJoiner query, String name, String value) {
      if (!value.isEmpty()) {
        query.add(name + "=" + Api.encoded(value));
      }
    }
  }

  @Command(
      name = "show",
      description = {
        "Prints one outside event, its data and the verdict on it.",
        "It shows what 'ingress list' finds: an older event is on nexus.events only.",
      })
  private static final class Show extends ApiVerb {
    @Parameters(paramLabel = "PLACE", description = "Event, as partition@offset, such as 0@12.")
    private String place = "";

    Show(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      JsonNode body = api.get(terminal, "/v1/events/" + Api.encoded(place)).body();
      if (printed(body)) {
        return 0;
      }
      for (var field : body.properties()) {
        JsonNode value = field.getValue();
        switch (field.getKey()) {
          case "event" -> terminal.print("data: " + data(value.at("/data/data")));
          case "verdict" -> reasons(value.path("data"));
          case "executions", "triggers" ->
              value.forEach(each -> terminal.print(singular(field.getKey()) + each.asText()));
          case "reason" -> {
            // The verdict has all of it, where the log has that.
            if (!body.path("verdict").path("data").isObject()) {
              terminal.print("because: " + value.asText());
            }
          }
          default -> terminal.print(field.getKey() + ": " + value.asText());
        }
      }
      return 0;
    }

    /// The whole text, which the summary has shortened.
    private void reasons(JsonNode verdict) {
      verdict.path("reasons").forEach(reason -> terminal.print("because: " + reason.asText()));
      verdict.path("remarks").forEach(remark -> terminal.print("remark: " + remark.asText()));
      verdict.path("unmet").forEach(why -> terminal.print("because: " + why.asText()));
    }

    /// What is kept beside the log is fetched by its own address.
    private String data(JsonNode data) {
      return data.isMissingNode() || data.isNull()
          ? "kept beside the log: GET /v1/events/" + place + "/data"
          : data.toString();
    }

    private static String singular(String name) {
      return name.substring(0, name.length() - 1) + ": ";
    }
  }
}
