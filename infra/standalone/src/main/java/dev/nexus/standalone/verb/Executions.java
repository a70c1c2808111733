package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `executions get | list | cancel | release | discard`.
@Command(
    name = "executions",
    description = "Looks at executions and cancels them.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus executions list --app shop --status failed",
      "  ./nexus executions list --app shop --component triage",
      "  ./nexus executions list --status waiting   whose turn has not come (orderBy)",
      "  ./nexus executions get 0199f0c2-…          with its facts",
      "  ./nexus executions cancel 0199f0c2-…",
      "  ./nexus executions release 0199f0c2-…      or discard it: it was quarantined",
    })
final class Executions {
  private Executions() {}

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new Executions())
        .addSubcommand(new Get(terminal))
        .addSubcommand(new ListAll(terminal))
        .addSubcommand(new Cancel(terminal))
        .addSubcommand(new Release(terminal))
        .addSubcommand(new Discard(terminal));
  }

  @Command(name = "get", description = "Prints one execution with its facts.")
  private static final class Get extends ApiVerb {
    @Parameters(paramLabel = "ID", description = "Execution.")
    private String id = "";

    Get(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      JsonNode body = api.get(terminal, "/v1/executions/" + Api.encoded(id)).body();
      if (printed(body)) {
        return 0;
      }
      JsonNode facts = body.path("facts");
      body.properties().stream()
          .filter(field -> !field.getKey().equals("facts"))
          .forEach(field -> terminal.print(field.getKey() + ": " + text(field.getValue())));
      if (!facts.isEmpty()) {
        terminal.print("facts:");
        facts.forEach(fact -> terminal.print("  " + text(fact)));
      }
      return 0;
    }

    private static String text(JsonNode value) {
      return value.isValueNode() ? value.asText() : value.toString();
    }
  }

  @Command(name = "list", description = "Lists executions, newest first.")
  private static final class ListAll extends ApiVerb {
    @Option(names = "--app", paramLabel = "APP", description = "Only of this application.")
    private String app = "";

    @Option(
        names = "--component",
        paramLabel = "COMPONENT",
        description = "Only of this component of the application of --app.")
    private String component = "";

    @Option(names = "--status", paramLabel = "STATUS", description = "Only with this status.")
    private String status = "";

    @Option(
        names = "--after",
        paramLabel = "TOKEN",
        description = "Wait until the list shows what wrote this: the token of an invocation.")
    private String after = "";

    @Mixin private final Limit limit = new Limit();

    @Mixin private final Cursor cursor = new Cursor();

    ListAll(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      String query =
          "?"
              + limit.query()
              + parameter("app", app)
              + parameter("component", component)
              + parameter("status", status)
              + parameter("after", after)
              + cursor.query();
      JsonNode body = api.get(terminal, "/v1/executions" + query).body();
      if (printed(body)) {
        return 0;
      }
      JsonNode items = body.isArray() ? body : body.path("executions");
      Table table =
          new Table("EXECUTION", "STATUS", "APP", "COMPONENT", "TIER", "ACCEPTED", "LINE");
      for (JsonNode item : items) {
        table.row(item, "executionId", "status", "app", "component", "tier", "acceptedAt", "line");
      }
      table.print(terminal, "no execution is of this kind");
      cursor.tellOfNext(terminal, body);
      return 0;
    }

    private static String parameter(String name, String value) {
      return value.isEmpty() ? "" : "&" + name + "=" + Api.encoded(value);
    }
  }

  @Command(name = "cancel", description = "Cancels an execution that runs or waits.")
  private static final class Cancel extends Order {
    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the record.")
    private String reason = "";

    Cancel(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      String body = reason.isEmpty() ? "" : Terminal.object().put("reason", reason).toString();
      return order("cancel", body);
    }
  }

  @Command(name = "release", description = "Lets a quarantined execution go on.")
  private static final class Release extends Order {
    Release(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      return order("release", "{\"discard\":false}");
    }
  }

  @Command(name = "discard", description = "Ends a quarantined execution.")
  private static final class Discard extends Order {
    Discard(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      return order("release", "{\"discard\":true}");
    }
  }

  /// Asks for a change and prints what came of it.
  private abstract static class Order extends ApiVerb {
    @Parameters(paramLabel = "ID", description = "Execution.")
    private String id = "";

    Order(Terminal terminal) {
      super(terminal);
    }

    final int order(String order, String body) {
      JsonNode answer =
          api.post(terminal, "/v1/executions/" + Api.encoded(id) + "/" + order, body).body();
      if (!printed(answer)) {
        terminal.print(id + ": " + answer.path("status").asText("asked for"));
      }
      return 0;
    }
  }
}
