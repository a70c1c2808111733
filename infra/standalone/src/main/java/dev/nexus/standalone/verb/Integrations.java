package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `integrations list | register | remove`.
@Command(
    name = "integrations",
    description = "Lists, registers and removes the sources whose events an application takes.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus integrations list shop",
      "  ./nexus integrations register shop orders --source urn:shop",
      "  ./nexus integrations register shop github --source https://github.com/acme \\",
      "      --secret github",
      "  ./nexus integrations register shop bank --source urn:bank --secret bank \\",
      "      --format cloudevents",
      "  ./nexus integrations remove shop orders",
      "",
      "With --secret its hook takes deliveries signed with that secret: in GitHub's",
      "form, or CloudEvents.",
    })
final class Integrations {
  private Integrations() {}

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new Integrations())
        .addSubcommand(new ListAll(terminal))
        .addSubcommand(new Register(terminal))
        .addSubcommand(new Remove(terminal));
  }

  private static void note(Terminal terminal, JsonNode integration) {
    if (integration.has("remark")) {
      terminal.tell("  note: " + integration.get("remark").asText());
    }
  }

  private static String path(String app) {
    return "/v1/apps/" + Api.encoded(app) + "/integrations";
  }

  @Command(name = "list", description = "Lists the integrations of an application.")
  private static final class ListAll extends ApiVerb {
    @Parameters(paramLabel = "APP", description = "Application.")
    private String app = "";

    ListAll(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      JsonNode body = api.get(terminal, path(app)).body();
      if (printed(body)) {
        return 0;
      }
      Table table = new Table("INTEGRATION", "SOURCE", "FORMAT", "SECRET", "HOOK");
      for (JsonNode integration : body.path("integrations")) {
        table.row(integration, "integrationId", "source", "format", "secretRef", "hook");
      }
      table.print(terminal, app + " has no integrations");
      body.path("integrations").forEach(integration -> note(terminal, integration));
      return 0;
    }
  }

  @Command(name = "register", description = "Registers a source, or changes one.")
  private static final class Register extends ApiVerb {
    @Parameters(index = "0", paramLabel = "APP", description = "Application.")
    private String app = "";

    @Parameters(index = "1", paramLabel = "ID", description = "Id of the integration.")
    private String id = "";

    @Option(
        names = "--source",
        required = true,
        paramLabel = "URI",
        description = "Source of its CloudEvents.")
    private String source = "";

    @Option(
        names = "--secret",
        paramLabel = "NAME",
        description = "Secret that signs deliveries at its hook; without one it has no hook.")
    private String secret = "";

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        description = "Form of those deliveries: github (default with a secret) or cloudevents.")
    private String format = "";

    Register(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      ObjectNode body = Terminal.object().put("integrationId", id).put("source", source);
      if (!secret.isEmpty()) {
        body.put("credentialKind", "github-hmac").put("secretRef", secret);
      }
      if (!format.isEmpty()) {
        body.put("format", format);
      }
      JsonNode answer = api.post(terminal, path(app), body.toString()).body();
      if (!printed(answer)) {
        terminal.print("registered " + id + " for " + source);
        if (answer.has("hook")) {
          terminal.print("  hook: " + answer.get("hook").asText());
        }
        note(terminal, answer);
      }
      return 0;
    }
  }

  @Command(name = "remove", description = "Removes a source: its events are no longer taken.")
  private static final class Remove extends ApiVerb {
    @Parameters(index = "0", paramLabel = "APP", description = "Application.")
    private String app = "";

    @Parameters(index = "1", paramLabel = "ID", description = "Id of the integration.")
    private String id = "";

    Remove(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      api.call(terminal, "DELETE", path(app) + "/" + Api.encoded(id), "", Map.of());
      if (!printed(Terminal.object().put("integrationId", id).put("result", "removed"))) {
        terminal.print("removed " + id);
      }
      return 0;
    }
  }
}
