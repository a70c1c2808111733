package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.container.Containers;
import dev.nexus.executor.container.ImageProbe;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Hidden, as people say `./nexus images check`, and the script hands it on.
@Command(
    name = "image-check",
    hidden = true,
    description = "Tries whether an image can run code in the containers of a pool.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus images check nexus/runner-python:0.1.0-snapshot",
      "  ./nexus images check acme/tools:1.2 --json",
    })
final class ImageCheck implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "IMAGE", description = "Image on this machine.")
  private String image = "";

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  ImageCheck(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    Settings settings = Settings.of(terminal.environment());
    String host =
        Containers.host(
            settings.text(Setting.DOCKER_HOST), terminal.environment().get("DOCKER_HOST"));
    Containers.missing(host)
        .ifPresent(
            why -> {
              throw new CommandFailedException(why);
            });
    ImageProbe.Report report;
    try (var probe =
        new ImageProbe(
            new Containers.Options(
                host,
                settings.text(Setting.CONTAINER_RUNTIME),
                settings.text(Setting.RUNNER_IMAGES),
                1,
                Containers.usualSockets()))) {
      report = probe.check(image);
    }
    if (json) {
      terminal.print(json(report));
    } else {
      print(report);
    }
    return report.usable() ? 0 : 1;
  }

  private ObjectNode json(ImageProbe.Report report) {
    ObjectNode answer = Terminal.object().put("image", image).put("usable", report.usable());
    ObjectNode languages = answer.putObject("languages");
    report.languages().forEach((language, fault) -> languages.put(language.text(), fault));
    return answer
        .put("ownHandler", report.ownHandler())
        .put("firstAnswerMs", millis(report.firstAnswer()))
        .put("nextAnswerMs", millis(report.nextAnswer()));
  }

  private void print(ImageProbe.Report report) {
    for (Language language : Language.values()) {
      String fault = report.languages().getOrDefault(language, "");
      terminal.print("%-14s %s".formatted(language.text(), fault.isEmpty() ? "works" : fault));
    }
    String own = report.ownHandler();
    terminal.print("%-14s %s".formatted("its own", own.isEmpty() ? "works" : own));
    terminal.print("%-14s %.0f ms".formatted("first answer", millis(report.firstAnswer())));
    terminal.print("%-14s %.1f ms".formatted("next answer", millis(report.nextAnswer())));
    terminal.print(
        report.usable()
            ? "A pool can use " + image + "."
            : "No pool can use " + image + ": see docs/runner-images.md.");
  }

  private static double millis(Duration time) {
    return Math.round(time.toNanos() / 1e5) / 10.0;
  }
}
