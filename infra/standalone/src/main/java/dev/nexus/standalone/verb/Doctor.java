package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.doctor.Finding;
import dev.nexus.standalone.doctor.Findings;
import dev.nexus.standalone.run.RunFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    description =
        "Checks this machine and the running platform; exits 1 when something must be mended.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus doctor                    before './nexus up': java, ports, disk",
      "  ./nexus doctor --json             while it runs also Kafka, topics, snapshots,",
      "                                    Redis, how far each part is behind",
      "",
      "Services apart: with the settings of one of them, such as NEXUS_KAFKA_BOOTSTRAP_SERVERS,",
      "NEXUS_REDIS_URL and NEXUS_HTTP_PORT, it checks what they share and who answers there.",
    })
final class Doctor implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private final Api api = new Api();

  @Option(names = "--json", description = "Print the findings as JSON.")
  private boolean json;

  Doctor(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Settings settings = api.home().settings(terminal);
    Optional<RunFile> run = api.home().running(terminal);
    // What runs is judged by what it runs with, not by what this shell would start it with.
    Settings reached = run.map(r -> r.settingsOver(settings)).orElse(settings);
    List<Finding> findings = new ArrayList<>();
    run.ifPresent(_ -> findings.add(differences(settings, reached)));
    try {
      findings.addAll(Findings.of(reached, run, api.named(terminal)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted", e);
    }
    print(findings);
    return findings.stream().anyMatch(f -> f.verdict() == Finding.Verdict.BROKEN) ? 1 : 0;
  }

  /// Where this shell says something else than what the platform was started with.
  private static Finding differences(Settings shell, Settings running) {
    String check = "settings";
    List<String> different = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    running
        .openly()
        .forEach(
            (variable, value) -> {
              Setting setting =
                  Arrays.stream(Setting.values())
                      .filter(s -> s.variable().equals(variable))
                      .findFirst()
                      .orElseThrow();
              if (setting == Setting.DATA_DIR) {
                return;
              }
              if (!value.equals(setting.defaultValue())) {
                changed.add(variable + "=" + value);
              }
              if (shell.isGiven(setting) && !shell.text(setting).equals(value)) {
                different.add(
                    variable + " is " + value + " there and " + shell.text(setting) + " here");
              }
            });
    String with = changed.isEmpty() ? "defaults" : String.join(", ", changed);
    return different.isEmpty()
        ? Finding.good(check, "the platform runs with " + with)
        : Finding.doubtful(
            check,
            "the platform runs with other ones than this shell has: "
                + String.join("; ", different),
            "./nexus down and ./nexus up take those of this shell; all else here judges what runs");
  }

  private void print(List<Finding> findings) {
    if (!json) {
      findings.forEach(f -> terminal.print(f.line()));
      return;
    }
    ObjectNode answer = Terminal.object();
    ArrayNode array = answer.putArray("findings");
    for (Finding finding : findings) {
      array
          .addObject()
          .put("check", finding.check())
          .put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT))
          .put("detail", finding.detail())
          .put("mend", finding.mend());
    }
    terminal.print(answer);
  }
}
