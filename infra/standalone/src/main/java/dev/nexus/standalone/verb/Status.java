package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TimeText;
import dev.nexus.standalone.doctor.ServiceCheck;
import dev.nexus.standalone.doctor.ServiceCheck.Health;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.standalone.run.RunFile;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "status",
    description = "Says whether the platform runs and where it answers; exits 1 when it does not.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus status                    the one on ./data",
      "  ./nexus status --json             for programs",
    })
final class Status implements Callable<Integer> {
  private static final String UP = "UP";

  /// Whoever is busy answers late, and is not down for that.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Terminal terminal;

  @Mixin private final Api api = new Api();

  @Option(names = "--json", description = "Print it as JSON.")
  private boolean json;

  Status(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    String named = api.named(terminal);
    if (!named.isEmpty()) {
      return elsewhere(named);
    }
    Optional<RunFile> run = api.home().running(terminal);
    ObjectNode answer = Terminal.object().put("running", run.isPresent());
    if (run.isEmpty()) {
      return absent(answer);
    }
    RunFile found = run.get();
    Optional<String> told = health(found.addresses().http());
    if (told.isEmpty() && found.process().isEmpty()) {
      return absent(answer.put("running", false)); // it ended while it was asked
    }
    String health = told.orElse("DOWN: does not answer");
    answer.put("pid", found.pid()).put("instanceId", found.instanceId());
    answer.put("readyAt", TimeText.of(found.readyAt())).put("health", health);
    describe(found.addresses(), answer);
    if (json) {
      terminal.print(answer);
    } else {
      Duration age =
          Duration.between(found.readyAt(), Instant.now())
              .truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
      String time = age.toString().substring(2).toLowerCase(Locale.ROOT);
      terminal.print(
          told.isPresent()
              ? "running as process " + found.pid() + " for " + time
              : "process "
                  + found.pid()
                  + " does not answer: it is ending, or hangs; it was ready "
                  + time
                  + " ago");
      if (told.isEmpty()) {
        answer.remove("running"); // a process that was killed is there for a while yet
      }
      answer
          .properties()
          .forEach(field -> terminal.print("  " + field.getKey() + ": " + text(field.getValue())));
    }
    return health.equals(UP) ? 0 : 1;
  }

  private int absent(ObjectNode answer) {
    if (json) {
      terminal.print(answer);
    } else {
      terminal.print(api.home().absence(terminal, ""));
    }
    return 1;
  }

  /// Of a platform that an address names nothing is known here but what it answers.
  private int elsewhere(String url) {
    String health =
        health(url)
            .orElseThrow(() -> new CommandFailedException("nothing of Nexus answers at " + url));
    ObjectNode answer = Terminal.object().put("http", url).put("health", health);
    if (json) {
      terminal.print(answer);
    } else {
      answer
          .properties()
          .forEach(field -> terminal.print(field.getKey() + ": " + text(field.getValue())));
    }
    return health.equals(UP) ? 0 : 1;
  }

  /// Empty when nothing of Nexus answers there.
  private Optional<String> health(String url) {
    return ServiceCheck.at(url, Api.givenKey(terminal), PATIENCE).map(Status::inWords);
  }

  private static String inWords(ServiceCheck found) {
    return switch (found.health()) {
      case Health.Healthy _ -> UP;
      case Health.Unhealthy(var parts) -> "DOWN: " + String.join(", ", parts);
      case Health.Unauthorized _ ->
          throw new CommandFailedException(
              found.url()
                  + " tells its health to nobody without a valid key: set NEXUS_KEY to a key of"
                  + " it");
    };
  }

  private static String text(JsonNode value) {
    return value.isTextual() ? value.asText() : value.toString();
  }

  static void describe(Addresses addresses, ObjectNode answer) {
    answer
        .put("http", addresses.http())
        .put("grpc", addresses.grpc())
        .put("kafka", addresses.kafka())
        .put("redisPort", addresses.redisPort());
  }
}
