package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.AclLines;
import dev.nexus.platform.grant.Grant;
import dev.nexus.platform.grant.GrantTable;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.stream.KafkaClients;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.common.resource.ResourcePattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `grants` and `grants apply`.
@Command(
    name = "grants",
    description = {
      "Prints what each user of the brokers must be allowed.",
      "Users are every service, operators and those who write outside events.",
      "It asks no broker.",
      "'grants apply' grants it."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus grants                             everybody's, as a table",
      "  ./nexus grants projector --as kafka-acls   lines for Kafka's kafka-acls.sh",
      "  ./nexus grants platform                    of './nexus up', all in one process",
      "  ./nexus grants apply --passwords users     on the brokers of this shell",
      "",
      "The names are those under NEXUS_KAFKA_TOPIC_PREFIX. A name that ends with *",
      "stands for all that begin so.",
    })
final class Grants implements Callable<Integer> {
  /// Everybody but who does everything in one process, which is another way to run.
  private static final List<KafkaUser> USUAL =
      Arrays.stream(KafkaUser.values()).filter(user -> user != KafkaUser.PLATFORM).toList();

  private final Terminal terminal;

  @CommandLine.Mixin private final Whom whom = new Whom();

  @Option(
      names = "--as",
      paramLabel = "FORM",
      defaultValue = "table",
      description = "table or kafka-acls (default: table).")
  private String form = "table";

  @Option(names = "--json", description = "Print them as JSON.")
  private boolean json;

  private Grants(Terminal terminal) {
    this.terminal = terminal;
  }

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new Grants(terminal)).addSubcommand(new GrantsApply(terminal));
  }

  /// Whose grants a command is about.
  static final class Whom {
    @Parameters(
        paramLabel = "USER",
        arity = "0..*",
        description = {
          "command-service, projector, sandbox-executor,",
          "mcp-gateway, oracle-stream, operator, integration",
          "(default: all of these), or platform."
        })
    private List<String> names = List.of();

    @Option(
        names = "--principals",
        paramLabel = "PREFIX",
        defaultValue = "nexus-",
        description = "What their names on the brokers begin with (default: nexus-).")
    private String prefix = "nexus-";

    List<KafkaUser> users() {
      return names.isEmpty() ? USUAL : names.stream().map(Grants::user).distinct().toList();
    }

    /// Name on the brokers: `nexus-projector`.
    String nameOf(KafkaUser user) {
      return prefix + user.userName();
    }

    String principalOf(KafkaUser user) {
      return "User:" + nameOf(user);
    }
  }

  /// The user somebody means.
  static KafkaUser user(String name) {
    return KafkaUser.named(name)
        .orElseThrow(
            () -> {
              List<String> names =
                  Arrays.stream(KafkaUser.values()).map(KafkaUser::userName).toList();
              List<String> near = NearestNames.of(name, names);
              return new CommandFailedException(
                  "no user "
                      + name
                      + (near.isEmpty()
                          ? "; there are " + String.join(", ", names)
                          : "; did you mean " + String.join(" or ", near) + "?"));
            });
  }

  @Override
  public Integer call() {
    Settings shell = Settings.of(terminal.environment());
    // Names follow from the prefix alone, so that brokers need not be named.
    Settings settings =
        shell.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)
            ? shell
            : shell.with(Setting.KAFKA_BOOTSTRAP_SERVERS, "HOST:9092");
    var table = new GrantTable(new KafkaClients(settings));
    if (json) {
      printJson(table);
      return 0;
    }
    switch (form) {
      case "table" -> printTable(table);
      case "kafka-acls" ->
          whom.users()
              .forEach(
                  user ->
                      new AclLines(settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS))
                          .of(whom.principalOf(user), table.of(user))
                          .forEach(terminal::print));
      default ->
          throw new CommandFailedException(
              "--as: table or kafka-acls expected, found '" + form + "'");
    }
    return 0;
  }

  private void printTable(GrantTable table) {
    Table rows = new Table("PRINCIPAL", "MAY", "ON");
    for (KafkaUser user : whom.users()) {
      byResource(table.of(user))
          .forEach(
              (on, operations) ->
                  rows.row(
                      whom.principalOf(user), String.join(" ", operations), Grant.inWords(on)));
    }
    rows.print(terminal, "nobody needs anything");
  }

  private static Map<ResourcePattern, List<String>> byResource(List<Grant> grants) {
    return grants.stream()
        .collect(
            Collectors.groupingBy(
                Grant::on,
                LinkedHashMap::new,
                Collectors.mapping(
                    grant -> Grant.inWords(grant.operation()), Collectors.toList())));
  }

  private void printJson(GrantTable table) {
    ObjectNode answer = Terminal.object();
    ArrayNode all = answer.putArray("grants");
    for (KafkaUser user : whom.users()) {
      table
          .of(user)
          .forEach(grant -> all.add(described(user.userName(), whom.principalOf(user), grant)));
    }
    terminal.print(answer);
  }

  static ObjectNode described(String user, String principal, Grant grant) {
    return Terminal.object()
        .put("user", user)
        .put("principal", principal)
        .put("operation", Grant.inWords(grant.operation()))
        .put("resource", grant.on().resourceType().name().toLowerCase(Locale.ROOT))
        .put("pattern", grant.on().patternType().name().toLowerCase(Locale.ROOT))
        .put("name", grant.on().name());
  }
}
