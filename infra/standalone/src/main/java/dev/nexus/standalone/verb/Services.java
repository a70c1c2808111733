package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `services list`.
@Command(
    name = "services",
    description = "Looks at services of applications: programs that go on running.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus services list                 of all applications",
      "  ./nexus services list --app shop --json",
    })
final class Services {
  private Services() {}

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new Services()).addSubcommand(new ListAll(terminal));
  }

  @Command(name = "list", description = "Lists services and how they stand.")
  private static final class ListAll extends ApiVerb {
    @Option(names = "--app", paramLabel = "APP", description = "Only of this application.")
    private String app = "";

    ListAll(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      ObjectNode all = Terminal.object();
      ArrayNode list = all.putArray("services");
      if (app.isEmpty()) {
        api.get(terminal, "/v1/apps")
            .body()
            .path("apps")
            .forEach(one -> addTo(list, one.path("app").asText()));
      } else {
        addTo(list, app);
      }
      if (printed(all)) {
        return 0;
      }
      Table table = new Table("APP", "SERVICE", "STATE", "IMAGE", "FALLBACK", "RESTARTS", "SINCE");
      for (JsonNode one : list) {
        table.row(one, "app", "service", "state", "image", "fallback", "restarts", "since");
      }
      table.print(terminal, "no application has a service");
      list.forEach(
          one -> {
            String why = one.path("why").asText(one.path("lastEnd").asText());
            if (!why.isEmpty()) {
              terminal.print(
                  one.path("app").asText() + "/" + one.path("service").asText() + ": " + why);
            }
          });
      return 0;
    }

    private void addTo(ArrayNode list, String of) {
      JsonNode body = api.get(terminal, "/v1/apps/" + Api.encoded(of) + "/services").body();
      body.path("services").forEach(one -> list.add(((ObjectNode) one.deepCopy()).put("app", of)));
    }
  }
}
