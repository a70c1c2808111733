package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "invoke",
    description = "Runs a component and prints its output.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus invoke shop classify --input '{\"text\":\"hello\"}'",
      "  ./nexus invoke shop classify --input @request.json",
      "  echo '{}' | ./nexus invoke shop classify --input -",
      "  ./nexus invoke shop report --wait 0s           answers with its id at once",
    })
final class Invoke implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private final Api api = new Api();

  @Parameters(index = "0", paramLabel = "APP", description = "Application.")
  private String app = "";

  @Parameters(index = "1", paramLabel = "COMPONENT", description = "Component of it.")
  private String component = "";

  @Option(
      names = "--input",
      paramLabel = "JSON|@FILE|-",
      defaultValue = "{}",
      description = "Input: JSON, a file, or - for stdin (default: {}).")
  private String input = "{}";

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      description = "How long to wait for the output (default: 30s).")
  private String wait = "";

  @Option(
      names = "--idempotency-key",
      paramLabel = "KEY",
      description = "A repeated call with the same key gets the recorded answer.")
  private String idempotencyKey = "";

  @Option(
      names = "--json",
      description = "Print the whole answer: output, execution, tier, and the token for ?after=.")
  private boolean json;

  Invoke(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    String path =
        "/v1/apps/"
            + Api.encoded(app)
            + "/components/"
            + Api.encoded(component)
            + "/invoke"
            + (wait.isEmpty() ? "" : "?wait=" + Api.encoded(wait));
    Map<String, String> headers =
        idempotencyKey.isEmpty() ? Map.of() : Map.of("Idempotency-Key", idempotencyKey);
    Api.Answer answer =
        api.call(terminal, "POST", path, JsonArgument.read("--input", input).toString(), headers);
    JsonNode body = answer.body();
    String status = body.path("status").asText("").toUpperCase(java.util.Locale.ROOT);
    if (json) {
      terminal.print(body);
    } else if (answer.status() == 202) {
      String id = body.path("executionId").asText();
      terminal.print("running: " + api.home().command(terminal, "executions get " + id));
    } else if (body.has("output")) {
      terminal.print(body.get("output"));
    } else {
      terminal.print(body);
    }
    return status.isEmpty() || status.equals("SUCCEEDED") || answer.status() == 202 ? 0 : 1;
  }
}
