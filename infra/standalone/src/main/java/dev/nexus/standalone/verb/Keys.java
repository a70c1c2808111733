package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `keys issue | list | revoke`.
@Command(
    name = "keys",
    description = "Issues, lists and revokes keys of the API.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus keys issue --scope app:shop:invoke --description 'web shop' \\",
      "      --expires-in 90d",
      "  ./nexus keys list",
      "  ./nexus keys revoke 3fQ9xK2a",
    })
final class Keys {
  private Keys() {}

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new Keys())
        .addSubcommand(new Issue(terminal))
        .addSubcommand(new ListAll(terminal))
        .addSubcommand(new Revoke(terminal));
  }

  @Command(name = "issue", description = "Issues a key and prints it, this once.")
  private static final class Issue extends ApiVerb {
    @Option(
        names = "--scope",
        required = true,
        paramLabel = "SCOPE",
        description = "operator, or app:<id|*>:<invoke|read|apply>; may be repeated.")
    private List<String> scopes = List.of();

    @Option(names = "--description", paramLabel = "TEXT", description = "What it is for.")
    private String description = "";

    @Option(
        names = "--expires-in",
        paramLabel = "TIME",
        description = "How long it lasts, such as 12h or 90d.")
    private String expiresIn = "";

    Issue(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      ObjectNode body = Terminal.object().put("description", description);
      if (!expiresIn.isEmpty()) {
        body.put("expiresIn", expiresIn);
      }
      scopes.forEach(body.putArray("scopes")::add);
      JsonNode answer = api.post(terminal, "/v1/keys", body.toString()).body();
      if (!printed(answer)) {
        terminal.tell("key " + answer.path("keyId").asText() + " is shown this once:");
        terminal.print(answer.path("key").asText());
        answer.path("remarks").forEach(remark -> terminal.tell("note: " + remark.asText()));
      }
      return 0;
    }
  }

  @Command(name = "list", description = "Lists the keys that are in force.")
  private static final class ListAll extends ApiVerb {
    ListAll(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      JsonNode body = api.get(terminal, "/v1/keys").body();
      if (printed(body)) {
        return 0;
      }
      Table table = new Table("KEY", "SCOPES", "EXPIRES", "DESCRIPTION");
      for (JsonNode key : body.isArray() ? body : body.path("keys")) {
        table.row(
            key.path("keyId").asText(),
            String.join(" ", key.path("scopes").valueStream().map(JsonNode::asText).toList()),
            key.path("expiresAt").asText(),
            key.path("description").asText());
      }
      table.print(terminal, "there are no keys");
      return 0;
    }
  }

  @Command(name = "revoke", description = "Ends a key at once and for good.")
  private static final class Revoke extends ApiVerb {
    @Parameters(paramLabel = "KEY", description = "Its public part, as 'keys list' shows it.")
    private String keyId = "";

    Revoke(Terminal terminal) {
      super(terminal);
    }

    @Override
    public Integer call() {
      JsonNode answer =
          api.call(terminal, "DELETE", "/v1/keys/" + Api.encoded(keyId), "", java.util.Map.of())
              .body();
      if (!printed(answer)) {
        terminal.print("revoked " + keyId);
      }
      return 0;
    }
  }
}
