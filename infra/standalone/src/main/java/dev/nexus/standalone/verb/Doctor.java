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
      "  ./nexus doctor --json             while it runs also Kafka, topics, snapshots,",
      "                                    Redis, lag",
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
    List<Finding> findings = new ArrayList<>(MachineChecks.run(settings, run));
    Settings reached =
        run.filter(r -> !settings.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS))
            .map(r -> settings.with(Setting.KAFKA_BOOTSTRAP_SERVERS, r.addresses().kafka()))
            .orElse(settings);
    if (reached.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)) {
      findings.addAll(KafkaChecks.run(reached));
    }
    if (run.isPresent()) {
      findings.add(projections(settings.number(Setting.BACKLOG_LIMIT)));
    }
    print(findings);
    return findings.stream().anyMatch(f -> f.verdict() == Finding.Verdict.BROKEN) ? 1 : 0;
  }

  /// How far what queries show is behind the log.
  private Finding projections(long limit) {
    String check = "projections lag";
    try {
      long waiting = api.get(terminal, "/v1/summary").body().path("lag").asLong();
      return waiting <= limit
          ? Finding.good(check, waiting + " records wait")
          : Finding.doubtful(
              check,
              waiting + " records wait, so queries show what was before them",
              "wait; when it does not shrink, look at Redis and at nexus.log");
    } catch (CommandFailedException e) {
      return Finding.doubtful(check, "is not told: " + e.getMessage(), "see ./nexus status");
    }
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
