package dev.nexus.standalone.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.observe.Logs;
import dev.nexus.standalone.run.Neighbour;
import dev.nexus.standalone.run.Platform;
import dev.nexus.standalone.verb.CommandFailedException;
import dev.nexus.standalone.verb.Terminal;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    description =
        "Starts everything, sends real webhooks and shows how a prompt becomes proven code. Takes"
            + " 60 to 90 seconds once built.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus demo                      the story, live, and a summary",
      "  ./nexus demo --keep               and leave the platform running",
      "  ./nexus demo --json               the summary for programs",
    })
final class DemoCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(DemoCommand.class);

  private final Terminal terminal;

  @Option(names = "--keep", description = "Leave the platform running until Ctrl-C.")
  private boolean keep;

  @Option(names = "--json", description = "Print the summary as one JSON object.")
  private boolean json;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of deliveries and model (default: ${DEFAULT-VALUE}).")
  private long seed = 3;

  // The tests of this command end the story sooner. No help shows these two: what a person is shown
  // is the whole of it.
  @Option(names = "--after-first", hidden = true)
  private int afterFirst = Story.Course.WHOLE.afterFirst();

  @Option(names = "--after-second", hidden = true)
  private int afterSecond = Story.Course.WHOLE.afterSecond();

  /// Why the story did not come to its end.
  private Optional<String> failure = Optional.empty();

  private volatile boolean over;

  /// Whether the process was told to end before the story was over.
  private volatile boolean cut;

  DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    Console console = System.console();
    boolean rewrites = !json && console != null && console.isTerminal();
    var screen = new Screen(json ? terminal.err() : terminal.out(), rewrites);
    Path directory = dataDirectory();
    logTo(directory);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> cut = !over, "demo-cut"));
    try {
      var environment = terminal.environment();
      var model = DemoModel.of(environment, seed);
      new Demo(directory, model, seed, course(), environment, screen)
          .run(this::end, () -> cutShort(directory));
      over = true;
      if (failure.isPresent()) {
        if (!json) {
          throw new CommandFailedException(failure.get());
        }
        // The figures with the error in them are the one object that is printed.
        terminal.tell(whatHappened(directory));
        return ExitCode.SOFTWARE;
      }
      delete(directory);
      return ExitCode.OK;
    } catch (RuntimeException e) {
      over = true;
      LOG.info("the demonstration failed", e);
      if (!cut) {
        terminal.tell(whatHappened(directory));
      }
      throw e;
    }
  }

  Story.Course course() {
    return new Story.Course(afterFirst, afterSecond);
  }

  /// A person who ends it early, by Ctrl-C or a signal, has no use for 100 MiB of a story cut
  /// short.
  private void cutShort(Path directory) {
    if (cut && !keep) {
      delete(directory);
    }
  }

  private static String whatHappened(Path directory) {
    return "What happened is in " + directory.resolve("nexus.log");
  }

  private void end(DemoReport report, Optional<String> brokenOff, Platform platform)
      throws InterruptedException {
    failure = brokenOff.map(why -> "the story broke off " + why);
    if (json) {
      ObjectNode figures = report.toJson();
      failure.ifPresent(why -> figures.put("error", why));
      terminal.print(figures);
    } else {
      Summary.lines(report).forEach(terminal::print);
    }
    if (keep) {
      terminal.tell("");
      failure.ifPresent(why -> terminal.tell("nexus: " + why));
      terminal.tell("The platform runs at " + platform.addresses().http() + "; Ctrl-C ends it.");
      next(platform.dataDirectory().toString()).forEach(terminal::tell);
      new CountDownLatch(1).await();
    } else if (!json) {
      terminal.print("");
      terminal.print(
          "To look around, run ./nexus demo --keep: it names its data directory DIR, and in another"
              + " terminal");
      next("DIR").forEach(terminal::print);
    }
  }

  /// Logs go to the data directory alone: on the terminal they would tear the story.
  private static void logTo(Path directory) {
    Logs.toFile(directory);
    if (LoggerFactory.getLogger("dev.nexus") instanceof ch.qos.logback.classic.Logger ours) {
      ours.detachAndStopAllAppenders();
    }
  }

  private static List<String> next(String data) {
    return List.of(
        "  ./nexus oracle status webhook-triage triage --data " + data,
        "  ./nexus executions list --app webhook-triage --data " + data,
        "  ./nexus events evidence --data " + data);
  }

  /// A directory of its own: on an old one the story would have been told already.
  private static Path dataDirectory() {
    try {
      return Files.createTempDirectory(Neighbour.DEMONSTRATION);
    } catch (IOException e) {
      throw new CommandFailedException("no temporary directory can be made: " + e.getMessage(), e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.warn("{} was left behind", directory, e);
    }
  }
}
