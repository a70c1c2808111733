package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.run.RunFile;
import java.util.ArrayList;
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
      "  ./nexus doctor --json             while it runs also Kafka, topics, Redis, lag",
    })
final class Doctor implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private final Home home = new Home();

  @Option(names = "--json", description = "Print the findings as JSON.")
  private boolean json;

  Doctor(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Settings settings = home.settings(terminal);
    Optional<RunFile> run = home.running(terminal);
    List<Finding> findings = new ArrayList<>(MachineChecks.run(settings, run));
    Settings reached =
        run.filter(r -> !settings.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS))
            .map(r -> settings.with(Setting.KAFKA_BOOTSTRAP_SERVERS, r.addresses().kafka()))
            .orElse(settings);
    if (reached.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)) {
      findings.addAll(KafkaChecks.run(reached));
    }
    print(findings);
    return findings.stream().anyMatch(f -> f.verdict() == Finding.Verdict.BROKEN) ? 1 : 0;
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
