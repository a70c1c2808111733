package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.doctor.Finding;
import dev.nexus.standalone.doctor.Findings;
import dev.nexus.standalone.doctor.PutAsideChecks;
import dev.nexus.standalone.doctor.ServiceCheck;
import dev.nexus.standalone.doctor.UnansweredException;
import dev.nexus.standalone.run.RunFile;
import java.time.Duration;
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
      "                                    snapshots, how far each part is behind,",
      "                                    and what waits for a person",
      "",
      "Services apart: with the settings of one of them, such as NEXUS_HTTP_PORT,",
      "NEXUS_KAFKA_BOOTSTRAP_SERVERS and NEXUS_REDIS_URL, it checks what they share",
      "and who answers there.",
    })
final class Doctor implements Callable<Integer> {
  /// A service that does not do its work may not answer at all.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Terminal terminal;

  @Mixin private final Home home = new Home();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = {
        "A service to ask too, with NEXUS_KEY (default: NEXUS_URL).",
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
    Settings settings = home.settings(terminal);
    Optional<RunFile> run = home.running(terminal);
    String named = Api.named(url, terminal);
    List<Finding> findings;
    try {
      findings =
          new ArrayList<>(
              Findings.of(
                  settings,
                  run,
                  named,
                  Api.givenKey(terminal),
                  user.isEmpty() ? Optional.empty() : Optional.of(Grants.user(user))));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted", e);
    }
    ServiceCheck.address(settings, run, named)
        .filter(_ -> findings.stream().anyMatch(Doctor::isOfService))
        .ifPresent(address -> ask(address, run, findings));
    print(findings);
    return findings.stream().anyMatch(f -> f.verdict() == Finding.Verdict.BROKEN) ? 1 : 0;
  }

  /// What only a service tells. Of integrations one that does not do its work is asked in vain.
  private void ask(String address, Optional<RunFile> run, List<Finding> findings) {
    boolean works =
        findings.stream().anyMatch(f -> isOfService(f) && f.verdict() == Finding.Verdict.GOOD);
    Api api = new Api(home, address, PATIENCE);
    boolean own = run.map(found -> found.addresses().http()).filter(address::equals).isPresent();
    findings.addAll(PutAsideChecks.run(new Asked(api, own ? "" : " --url " + address)));
    if (works) {
      findings.addAll(IntegrationChecks.run(api, terminal));
    }
  }

  private static boolean isOfService(Finding finding) {
    return finding.check().equals("service");
  }

  /// The service as the checks ask it.
  private final class Asked implements PutAsideChecks.Service {
    private final Api api;
    private final String naming;

    /// @param naming what names it in a command; empty for the one of the data directory
    Asked(Api api, String naming) {
      this.api = api;
      this.naming = naming;
    }

    @Override
    public JsonNode answer(String path) throws UnansweredException {
      try {
        return api.get(terminal, path).body();
      } catch (CommandFailedException e) {
        throw new UnansweredException(String.valueOf(e.getMessage()), e);
      }
    }

    @Override
    public String command(String verb) {
      return naming.isEmpty() ? home.command(terminal, verb) : "./nexus " + verb + naming;
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
