package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "rebuild",
    description = {
      "Folds the log anew beside what is read and switches over when it has caught up.",
      "Begins at the newest snapshot, or, where there is none, at the log's beginning.",
      "Queries, streams and tokens go on as before. Ctrl-C ends the watching, not the rebuild."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus rebuild                   every projection",
      "  ./nexus rebuild executions        one of them",
      "  ./nexus rebuild --watch           looks at the one that runs",
      "  ./nexus rebuild --stop            ends it; what is read stays as it is",
    })
final class Rebuild implements Callable<Integer> {
  private static final String PATH = "/v1/projections/rebuild";
  private static final Duration ASKED_EVERY = Duration.ofMillis(300);

  /// Longer than who rebuilds takes to notice that Redis is back.
  private static final Duration SAID_AGAIN = Duration.ofSeconds(20);

  private final Terminal terminal;

  @Mixin private final Api api = new Api();

  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description = "Projections, such as executions (default: all).")
  private List<String> names = List.of();

  @Option(names = "--watch", description = "Begin none, look at the one that runs.")
  private boolean watch;

  @Option(names = "--stop", description = "End the one that runs, and delete what it made.")
  private boolean stop;

  @Option(names = "--json", description = "Print the outcome as JSON.")
  private boolean json;

  Rebuild(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (stop) {
      boolean ran = !isOver(api.get(terminal, PATH).body());
      return ended(api.call(terminal, "DELETE", PATH, "", Map.of()).body(), ran);
    }
    if (!watch) {
      String query = names.isEmpty() ? "" : "?projections=" + Api.encoded(String.join(",", names));
      api.call(terminal, "POST", PATH + query, "", Map.of());
    }
    Thread leaving =
        new Thread(
            () ->
                terminal.tell(
                    "the rebuild goes on: "
                        + api.home().command(terminal, "rebuild --watch")
                        + " looks at it, "
                        + api.home().command(terminal, "rebuild --stop")
                        + " ends it"));
    Runtime.getRuntime().addShutdownHook(leaving);
    try {
      return watched();
    } finally {
      Runtime.getRuntime().removeShutdownHook(leaving);
    }
  }

  /// The exit code of the rebuild that ended, or of the last one where none runs.
  private int watched() throws InterruptedException {
    Telling telling = new Telling(terminal);
    JsonNode status = status();
    boolean running = !watch;
    long until = System.nanoTime() + SAID_AGAIN.toNanos();
    while (isUnderWay(status)
        || (running && isUnheardOf(status) && until - System.nanoTime() > 0)) {
      boolean underWay = isUnderWay(status);
      if (underWay) {
        running = true;
        telling.tell(progress(status));
      }
      TimeUnit.NANOSECONDS.sleep(ASKED_EVERY.toNanos());
      status = status();
      if (underWay) {
        until = System.nanoTime() + SAID_AGAIN.toNanos();
      }
    }
    return ended(status, running);
  }

  /// The status, as soon as Redis has it to give: the rebuild waits for Redis, too.
  private JsonNode status() throws InterruptedException {
    for (boolean told = false; ; told = true) {
      try {
        return api.get(terminal, PATH).body();
      } catch (CommandFailedException e) {
        if (!e.problem().path("type").asText().endsWith("projections-unavailable")) {
          throw e;
        }
        if (!told) {
          terminal.tell(e.getMessage() + " (watching goes on)");
        }
        TimeUnit.NANOSECONDS.sleep(ASKED_EVERY.toNanos());
      }
    }
  }

  /// Redis knows of none, or of nobody who does it: one that came back, with what it had or empty,
  /// hears of them again from who does the work.
  private static boolean isUnheardOf(JsonNode status) {
    String state = status.path("state").asText();
    return state.equals("none") || state.equals("interrupted");
  }

  /// Nothing is done, and nothing is left that `--stop` would delete.
  private static boolean isOver(JsonNode status) {
    String state = status.path("state").asText();
    return state.equals("none") || state.equals("done") || state.equals("stopped");
  }

  /// What was replaced is still deleted when all is switched over: a person need not wait for that.
  private boolean isUnderWay(JsonNode status) {
    String state = status.path("state").asText();
    return state.equals("running") || (json && state.equals("sweeping"));
  }

  private static String progress(JsonNode status) {
    long records = 0;
    long of = 0;
    for (JsonNode one : status.path("projections")) {
      long before = one.path("resumedAt").asLong();
      records += one.path("records").asLong() - before;
      of += one.path("of").asLong() - before;
    }
    return String.format(
        "%d %% of %d records, %d a second",
        of == 0 ? 0 : records * 100 / of, of, status.path("eventsPerSecond").asLong());
  }

  /// What became of a projection, and what was there already where its fold began.
  private static String line(JsonNode one) {
    long snapshots = one.path("fromSnapshots").asLong();
    long resumed = one.path("fromRebuild").asLong();
    int partitions = one.path("partitions").asInt();
    List<String> before = new ArrayList<>();
    if (snapshots > 0) {
      before.add(
          partitions == 1 ? "the snapshot at " + snapshots : "snapshots of the first " + snapshots);
    }
    if (resumed > 0) {
      before.add("the " + resumed + " that the rebuild before had");
    }
    return String.format(
        "%s: %s%d records, %d of %d partitions switched",
        one.path("projection").asText(),
        before.isEmpty() ? "" : "from " + String.join(" and ", before) + ": ",
        one.path("records").asLong() - one.path("resumedAt").asLong(),
        one.path("switched").asInt(),
        partitions);
  }

  /// @param ran whether a rebuild was under way, or left something, when it was asked for
  private int ended(JsonNode status, boolean ran) {
    String state = status.path("state").asText();
    if (json) {
      terminal.print(status);
    } else {
      if (!ran && List.of("done", "stopped", "failed").contains(state)) {
        terminal.print("no rebuild runs; the last one:");
      }
      for (JsonNode one : status.path("projections")) {
        terminal.print(line(one));
      }
      terminal.print(
          switch (state) {
            case "done", "sweeping" ->
                String.format(
                    "done in %.1f s, %d records a second%s",
                    status.path("seconds").asDouble(),
                    status.path("eventsPerSecond").asLong(),
                    state.equals("sweeping")
                        ? "; what it replaced is still being deleted, and the next one can begin"
                            + " after that"
                        : "");
            case "none" -> "no rebuild runs";
            case "interrupted" ->
                "interrupted: its instance ended; './nexus rebuild' goes on with it, './nexus"
                    + " rebuild --stop' deletes what it made";
            default -> state + (status.has("reason") ? ": " + status.path("reason").asText() : "");
          });
    }
    return state.equals("done") || state.equals("sweeping") || (stop && !state.equals("failed"))
        ? 0
        : 1;
  }
}
