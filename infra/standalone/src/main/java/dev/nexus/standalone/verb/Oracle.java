package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `oracle status`.
@Command(
    name = "oracle",
    description = "Shows what the oracle has decided, and on what evidence.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  nexus oracle status                      every component",
      "  nexus oracle status shop classify        one component, in full",
    })
final class Oracle implements Callable<Integer> {
  private Oracle() {}

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new Oracle()).addSubcommand(new State(terminal));
  }

  @Override
  public Integer call() {
    throw new CommandFailedException("which of status? (see 'nexus oracle --help')");
  }

  @Command(name = "status", description = "Prints the stage of components.")
  private static final class State implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin private final Api api = new Api();

    @Parameters(index = "0", arity = "0..1", paramLabel = "APP", description = "Application.")
    private String app = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "COMPONENT", description = "Component.")
    private String component = "";

    @Option(names = "--json", description = "Print it as JSON.")
    private boolean json;

    State(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      if (!component.isEmpty()) {
        terminal.print(api.get(terminal, path()).body());
        return 0;
      }
      JsonNode body =
          api.get(terminal, "/v1/components" + (app.isEmpty() ? "" : "?app=" + Api.encoded(app)))
              .body();
      if (json) {
        terminal.print(body);
        return 0;
      }
      Table table = new Table("APP", "COMPONENT", "STAGE", "CANDIDATE", "N", "K", "LOG E");
      for (JsonNode item : body.isArray() ? body : body.path("components")) {
        table.row(
            item.path("appId").asText(),
            item.path("component").asText(item.path("componentId").asText()),
            item.path("stage").asText(),
            item.path("candidate").asText(),
            item.path("n").asText(),
            item.path("k").asText(),
            item.path("logE").asText());
      }
      table.print(terminal);
      return 0;
    }

    private String path() {
      return "/v1/apps/"
          + Api.encoded(app)
          + "/components/"
          + Api.encoded(component)
          + "/promotion";
    }
  }
}
