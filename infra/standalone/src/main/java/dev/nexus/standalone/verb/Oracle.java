package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
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
      "  ./nexus oracle status                      every component",
      "  ./nexus oracle status shop classify        one component, in full",
    })
final class Oracle {
  private Oracle() {}

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new Oracle()).addSubcommand(new State(terminal));
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
      JsonNode body = api.get(terminal, "/v1/oracle").body();
      if (json) {
        terminal.print(body);
        return 0;
      }
      Table table =
          new Table(
              "APP", "COMPONENT", "STAGE", "CANDIDATE", "N", "K", "LOG E", "95 % INTERVAL", "WHY");
      for (JsonNode item : body.path("components")) {
        if (app.isEmpty() || app.equals(item.path("app").asText())) {
          JsonNode verdict = item.path("verdict");
          table.row(
              item.path("app").asText(),
              item.path("component").asText(),
              item.path("stage").asText(),
              item.path("candidateNumber").asText(),
              verdict.path("comparisons").asText(),
              verdict.path("disagreements").asText(),
              verdict.has("logE") ? "%.2f".formatted(verdict.get("logE").asDouble()) : "",
              interval(verdict.path("forInformation")),
              item.path("reason").asText());
        }
      }
      table.print(terminal, "the oracle has decided nothing about a component yet");
      return 0;
    }

    /// Where the share of wrong answers lies; decides nothing.
    private static String interval(JsonNode bounds) {
      return bounds.has("low")
          ? String.format(
              Locale.ROOT,
              "%.1f-%.1f %% wrong",
              bounds.get("low").asDouble() * 100,
              bounds.get("high").asDouble() * 100)
          : "";
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
