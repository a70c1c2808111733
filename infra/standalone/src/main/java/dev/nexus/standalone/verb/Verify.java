package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    description = {
      "Folds the log and compares it with what Redis holds, byte for byte but for the order of"
          + " fields inside a view, while the platform works.",
      "Where the log has lost its first records it folds from a snapshot, and does not see a fault"
          + " inside that.",
      "Exits with 0 when they are equal, with 1 when they are not, and with 3 when not everything"
          + " could be compared, or nothing, as when Redis does not answer."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus verify                    every projection",
      "  ./nexus verify executions         one of them",
      "  ./nexus verify --json             the outcome as JSON",
      "",
      "What differs is built anew by './nexus rebuild'.",
    })
final class Verify implements Callable<Integer> {
  /// Exit code when nothing differs and not everything was compared.
  private static final int NOT_ALL_COMPARED = 3;

  private static final String EQUAL = "equal";
  private static final String DIFFERENT = "different";
  private static final String NOTHING = "nothing compared";

  private final Terminal terminal;

  @Mixin private final Api api = new Api();

  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description = "Projections, such as executions (default: all).")
  private List<String> names = List.of();

  @Option(names = "--json", description = "Print the outcome as JSON.")
  private boolean json;

  Verify(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    String query = names.isEmpty() ? "" : "?projections=" + Api.encoded(String.join(",", names));
    Telling telling = new Telling(terminal);
    JsonNode[] outcome = {NullNode.getInstance()};
    api.events(
        terminal,
        "/v1/projections/verify" + query,
        (event, data) -> {
          switch (event) {
            case "progress" -> {
              // An empty partition is compared at once, and its nothing would be the last word.
              if (data.path("compared").asLong(1) > 0) {
                telling.tell(progress(data));
              }
            }
            case "done" -> outcome[0] = data;
            case "failed" ->
                throw new CommandFailedException(data.path("reason").asText("it failed"));
            default -> {}
          }
        });
    if (outcome[0].isNull()) {
      throw new CommandFailedException("the platform ended before the comparison did");
    }
    print(outcome[0]);
    return switch (outcome[0].path("outcome").asText()) {
      case EQUAL -> 0;
      case DIFFERENT -> 1;
      default -> NOT_ALL_COMPARED;
    };
  }

  /// What it is at, and how far, in the measures of `rebuild`.
  static String progress(JsonNode data) {
    String place =
        String.format(
            "%s, partition %d of %d: ",
            data.path("projection").asText(),
            data.path("number").asInt(),
            data.path("partitions").asInt());
    if (data.has("compared")) {
      return place + data.path("compared").asLong() + " names compared";
    }
    long folded = data.path("folded").asLong();
    long of = data.path("of").asLong();
    return of == 0
        ? place + folded + " records folded"
        : String.format("%s%d %% of %d records folded", place, folded * 100 / of, of);
  }

  private static String headline(JsonNode outcome) {
    String word = outcome.path("outcome").asText();
    JsonNode why = outcome.path("notCompared").path(0);
    return switch (word) {
      case EQUAL -> word;
      case DIFFERENT ->
          outcome.path("different").asLong() + " differences (./nexus rebuild builds it anew)";
      case NOTHING ->
          word
              + (why.isMissingNode()
                  ? ", as the log holds nothing of it, nor does Redis"
                  : " (" + why.asText() + ")");
      default -> word + ": equal but for " + outcome.path("notCompared").size() + " partitions";
    };
  }

  private void print(JsonNode outcome) {
    if (json) {
      terminal.print(outcome);
      return;
    }
    for (JsonNode one : outcome.path("differences")) {
      terminal.print(one.path("place").asText() + " at " + one.path("position").asLong());
      terminal.print("  the log gives " + one.path("log").asText());
      terminal.print("  Redis has     " + one.path("redis").asText());
    }
    long more = outcome.path("different").asLong() - outcome.path("differences").size();
    if (more > 0) {
      terminal.print("and " + more + " more");
    }
    outcome.path("notCompared").forEach(one -> terminal.tell("not compared: " + one.asText()));
    terminal.print(
        String.format(
            "%s: %d names in %d partitions against %d records, %.1f s",
            headline(outcome),
            outcome.path("names").asLong(),
            outcome.path("partitions").asInt(),
            outcome.path("records").asLong(),
            outcome.path("seconds").asDouble()));
  }
}
