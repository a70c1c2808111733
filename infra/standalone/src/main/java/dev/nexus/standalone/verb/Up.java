package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.MisspeltSettings;
import dev.nexus.platform.observe.Logs;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.standalone.run.FailedStart;
import dev.nexus.standalone.run.NexusCommand;
import dev.nexus.standalone.run.Platform;
import dev.nexus.standalone.run.Progress;
import dev.nexus.standalone.run.RunFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "up",
    description = "Starts the whole platform: Kafka, Redis and all services in one process.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus up                        in the foreground; Ctrl-C stops it",
      "  ./nexus up --detach               in the background; './nexus down' stops it",
      "  ./nexus up --data /srv/nexus      on another data directory",
      "  NEXUS_HTTP_PORT=0 ./nexus up      on any free port",
    })
final class Up implements Callable<Integer> {
  /// What its first line begins with once it answers.
  static final String READY = "Nexus is ready";

  /// Said by a detached start to the process that it starts.
  static final String BACKGROUND = "--background";

  private final Terminal terminal;

  @Mixin private final Home home = new Home();

  @Option(names = "--detach", description = "Return when it is ready and leave it running.")
  private boolean detach;

  @Option(names = "--fsync", description = "Sync every topic on every append, at its price.")
  private boolean fsync;

  @Option(names = "--json", description = "Print the addresses as JSON.")
  private boolean json;

  @Option(
      names = BACKGROUND,
      hidden = true,
      description = "Logs go to nexus.log alone: what is printed is shown to a person.")
  private boolean background;

  @Option(
      names = "--check",
      hidden = true,
      description = "Refuse what a start would refuse at once, and start nothing.")
  private boolean check;

  Up(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    long begun = System.nanoTime();
    home.running(terminal).ifPresent(this::refuse);
    if (check) {
      requireStartable(home.settings(terminal));
      return 0;
    }
    beforeAnyDirectory(home.settings(terminal));
    if (detach) {
      RunFile run = new DetachedStart(terminal, home.settings(terminal), fsync).start();
      print(run.addresses(), run.pid(), begun);
      return 0;
    }
    Settings settings = home.settings(terminal);
    if (fsync) {
      settings = settings.with(Setting.FSYNC, "true");
    }
    Path data = settings.path(Setting.DATA_DIR);
    if (background) {
      Logs.toFileOnly(data);
    } else {
      Logs.toFile(data);
    }
    Platform platform = start(settings, data);
    FailedStart.delete(data);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(
                    () -> {
                      platform.close();
                      ended.countDown();
                    }));
    print(platform.addresses(), ProcessHandle.current().pid(), begun);
    ended.await();
    return 0;
  }

  /// The lock would refuse too, after logs and output files of the running one were touched.
  private void refuse(RunFile running) {
    throw new CommandFailedException(
        "data directory "
            + home.directory(terminal)
            + " is in use by process "
            + running.pid()
            + ": stop it with "
            + home.command(terminal, "down")
            + " or set NEXUS_DATA_DIR to another directory");
  }

  /// A start looks itself, but has its log by then and keeps what went wrong beside it: where there
  /// is no data directory yet, one that is refused is to leave none.
  private void beforeAnyDirectory(Settings settings) {
    if (!Files.exists(settings.path(Setting.DATA_DIR))) {
      requireStartable(settings);
    }
  }

  /// Names misspelt settings, as every start does, where that may be why it is refused.
  private void requireStartable(Settings settings) {
    try {
      Platform.requireStartable(settings);
    } catch (RuntimeException e) {
      MisspeltSettings.of(settings).forEach(terminal::tell);
      throw e;
    }
  }

  /// What went wrong is one line for the person, the whole trace in the log, and kept for `doctor`.
  private Platform start(Settings settings, Path data) {
    try {
      return Platform.start(settings, new Progress(terminal::tell));
    } catch (RuntimeException e) {
      LoggerFactory.getLogger(Up.class).atInfo().setCause(e).log("the platform did not start");
      FailedStart.of(e, Verbs.message(e)).write(data);
      throw e;
    }
  }

  private void print(Addresses addresses, long pid, long begun) {
    double seconds = (System.nanoTime() - begun) / 1e9;
    if (json) {
      ObjectNode answer = Terminal.object();
      answer.put("ready", true).put("seconds", Math.round(seconds * 100) / 100.0).put("pid", pid);
      Status.describe(addresses, answer);
      terminal.print(answer);
      return;
    }
    terminal.print(String.format(Locale.ROOT, READY + " after %.1f s", seconds));
    terminal.print("  HTTP   " + addresses.http());
    if (!addresses.grpc().isEmpty()) {
      terminal.print("  gRPC   " + addresses.grpc());
    }
    terminal.print("  Kafka  " + addresses.kafka());
    Path data = home.directory(terminal);
    terminal.print("  data   " + data);
    terminal.print("  log    " + data.resolve("nexus.log"));
    if (!NexusCommand.isUsual(data)) {
      terminal.print(
          "  ask    "
              + home.command(terminal, "status")
              + "; "
              + NexusCommand.export(data)
              + " spares every command the option");
    }
    terminal.print("  stop   " + (detach ? "" : "Ctrl-C, or ") + home.command(terminal, "down"));
  }
}
