package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "publish",
    description = "Sends an event: a CloudEvent from options, from a file or from stdin.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus publish --source urn:shop --type com.example.order \\",
      "      --payload '{\"text\":\"hello\"}'",
      "  ./nexus publish --source urn:shop --type com.example.order \\",
      "      --id order-17 --payload @order.json",
      "  ./nexus publish --event @event.json         a whole CloudEvent in JSON",
      "  cat event.json | ./nexus publish --event - --json",
      "",
      "The source must be that of an integration ('./nexus integrations list APP').",
    })
final class Publish implements Callable<Integer> {
  private static final String STRUCTURED = "application/cloudevents+json";

  private final Terminal terminal;

  @Mixin private final Api api = new Api();

  @Option(
      names = "--event",
      paramLabel = "JSON|@FILE|-",
      description = "A whole CloudEvent; other options change its attributes.")
  private String event = "";

  @Option(names = "--source", paramLabel = "URI", description = "Its source.")
  private String source = "";

  @Option(names = "--type", paramLabel = "TYPE", description = "Its type.")
  private String type = "";

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "Its id; the same again is the same event (default: a new one).")
  private String id = "";

  @Option(names = "--subject", paramLabel = "TEXT", description = "Its subject.")
  private String subject = "";

  @Option(
      names = "--payload",
      paramLabel = "JSON|@FILE|-",
      description = "Its data: JSON, a file, or - for stdin.")
  private String payload = "";

  @Option(
      names = "--extension",
      paramLabel = "NAME=TEXT",
      description = "An extension attribute; may be repeated.")
  private Map<String, String> extensions = new LinkedHashMap<>();

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  Publish(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    ObjectNode sent = cloudEvent();
    Map<String, String> headers = Map.of("Content-Type", STRUCTURED);
    JsonNode answer = api.call(terminal, "POST", "/v1/events", sent.toString(), headers).body();
    if (json) {
      terminal.print(answer);
    } else {
      JsonNode accepted = answer.at("/accepted/0");
      terminal.print(
          "accepted " + accepted.path("id").asText() + " of " + accepted.path("source").asText());
    }
    return 0;
  }

  private ObjectNode cloudEvent() {
    ObjectNode made = Terminal.object();
    if (!event.isEmpty()) {
      if (!(JsonArgument.read("--event", event) instanceof ObjectNode whole)) {
        throw new CommandFailedException("--event: expected a JSON object, found something else");
      }
      made = whole;
    } else if (source.isEmpty() || type.isEmpty()) {
      throw new CommandFailedException(
          "--source and --type are needed, or --event with both (see './nexus publish --help')");
    }
    if (!made.has("specversion")) {
      made.put("specversion", "1.0");
    }
    put(made, "source", source);
    put(made, "type", type);
    put(made, "id", id);
    put(made, "subject", subject);
    if (!made.has("id")) {
      made.put("id", UUID.randomUUID().toString());
    }
    extensions.forEach(made::put);
    if (!payload.isEmpty()) {
      made.remove("data_base64");
      made.put("datacontenttype", "application/json");
      made.set("data", JsonArgument.read("--payload", payload));
    }
    return made;
  }

  private static void put(ObjectNode event, String name, String value) {
    if (!value.isEmpty()) {
      event.put(name, value);
    }
  }
}
