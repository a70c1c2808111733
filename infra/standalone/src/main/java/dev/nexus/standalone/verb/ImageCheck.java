package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.executor.container.Containers;
import dev.nexus.executor.container.ImageProbe;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
      terminal.print(json(image, report));
    } else {
      lines(image, report).forEach(terminal::print);
    }
    return report.usable() ? 0 : 1;
  }

  static ObjectNode json(String image, ImageProbe.Report report) {
    ObjectNode answer = Terminal.object().put("image", image).put("usable", report.usable());
    ObjectNode languages = answer.putObject("languages");
    report.languages().forEach((language, fault) -> languages.put(language.text(), fault));
    return answer
        .put("tools", report.tools())
        .put("ownHandler", report.ownHandler())
        .put("commands", report.commands())
        .put("firstAnswerMs", millis(report.firstAnswer()))
        .put("nextAnswerMs", millis(report.nextAnswer()));
  }

  static List<String> lines(String image, ImageProbe.Report report) {
    List<String> lines = new ArrayList<>();
    report
        .languages()
        .forEach((language, fault) -> lines.add(line(language.text(), worksOr(fault))));
    lines.add(line("tools", worksOr(report.tools())));
    lines.add(line("its own", worksOr(report.ownHandler())));
    lines.add(line("commands", worksOr(report.commands())));
    lines.add(line("first answer", "%.0f ms".formatted(millis(report.firstAnswer()))));
    lines.add(line("next answer", "%.1f ms".formatted(millis(report.nextAnswer()))));
    lines.add(
        report.usable()
            ? "A pool can use " + image + "."
            : "No pool can use " + image + ": see docs/runner-images.md.");
    return lines;
  }

  private static String line(String what, String said) {
    return "%-14s %s".formatted(what, said);
  }

  private static String worksOr(String fault) {
    return fault.isEmpty() ? "works" : fault;
  }

  private static double millis(Duration time) {
    return Math.round(time.toNanos() / 1e5) / 10.0;
  }
}
