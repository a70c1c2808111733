package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.standalone.doctor.Finding;
import dev.nexus.standalone.doctor.Findings;
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
      "  ./nexus doctor --json             while it runs also Kafka, topics, Redis,",
      "                                    snapshots, how far each part is behind",
      "",
      "Services apart: with the settings of one of them, such as NEXUS_HTTP_PORT,",
      "NEXUS_KAFKA_BOOTSTRAP_SERVERS and NEXUS_REDIS_URL, it checks what they share",
      "and who answers there.",
    })
final class Doctor implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private final Home home = new Home();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = {
        "A service whose health to ask too (default: NEXUS_URL).",
        "Kafka and Redis are those of the settings all the same."
      })
  private String url = "";

  @Option(
      names = "--as",
      paramLabel = "USER",
      description = {
        "Whose grants to look for on brokers with ACLs, such as projector",
        "(default: whom the name of this user ends with, else operator)."
      })
  private String user = "";

  @Option(names = "--json", description = "Print the findings as JSON.")
  private boolean json;

  Doctor(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    List<Finding> findings;
    try {
      findings =
          new ArrayList<>(
              Findings.of(
                  home.settings(terminal),
                  home.running(terminal),
                  Api.named(url, terminal),
                  user.isEmpty() ? Optional.empty() : Optional.of(Grants.user(user))));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted", e);
    }
    if (findings.stream().anyMatch(Doctor::answers)) {
      findings.addAll(IntegrationChecks.run(new Api(home, url), terminal));
    }
    print(findings);
    return findings.stream().anyMatch(f -> f.verdict() == Finding.Verdict.BROKEN) ? 1 : 0;
  }

  /// A service that does not do its work would be waited for in vain.
  private static boolean answers(Finding finding) {
    return finding.check().equals("service") && finding.verdict() == Finding.Verdict.GOOD;
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
