package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.Grant;
import dev.nexus.platform.grant.GrantTable;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.stream.KafkaClients;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "apply",
    description = {
      "Grants on the brokers what 'grants' prints and they lack,",
      "and sets the passwords it is given (SCRAM-SHA-512). It takes nothing away. It",
      "connects as NEXUS_KAFKA_* say, as one who may Alter the cluster."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus grants apply                       all but platform",
      "  ./nexus grants apply --passwords users     and their passwords, a line each:",
      "                                             nexus-projector=PASSWORD",
      "  NEXUS_SECRET_KAFKA_PROJECTOR=PASSWORD ./nexus grants apply projector",
    })
final class GrantsApply implements Callable<Integer> {
  /// What a brute force of a stolen credential pays for each guess; Kafka asks for 4,096 at least.
  private static final int ITERATIONS = 8_192;

  private final Terminal terminal;

  @Mixin private final Grants.Whom whom = new Grants.Whom();

  @Option(
      names = "--passwords",
      paramLabel = "FILE",
      description = {
        "File with passwords, NAME=PASSWORD a line. Without",
        "it they are those of variables such as",
        "NEXUS_SECRET_KAFKA_PROJECTOR; who has none keeps",
        "what there is."
      })
  private String passwords = "";

  @Option(names = "--json", description = "Print what was added as JSON.")
  private boolean json;

  GrantsApply(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Settings settings = Settings.of(terminal.environment());
    if (!settings.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)) {
      throw new CommandFailedException(
          Setting.KAFKA_BOOTSTRAP_SERVERS.variable()
              + " is not set: name the brokers, and with the other NEXUS_KAFKA_* variables who"
              + " connects");
    }
    Map<String, String> given = new GrantPasswords(whom, passwords, terminal.environment()).read();
    KafkaClients clients = new KafkaClients(settings);
    try (Admin admin = clients.impatientAdmin()) {
      Answer answer = new Answer();
      for (KafkaUser user : whom.users()) {
        grant(admin, user, new GrantTable(clients).of(user), answer);
      }
      setPasswords(admin, given);
      report(answer, given.keySet());
    } catch (ExecutionException | KafkaException e) {
      throw failed(settings, e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted", e);
    }
    return 0;
  }

  /// What came of it.
  private static final class Answer {
    final List<ObjectNode> added = new ArrayList<>();
    final List<String> lines = new ArrayList<>();
    int there;
  }

  private void grant(Admin admin, KafkaUser user, List<Grant> needed, Answer answer)
      throws ExecutionException, InterruptedException {
    String principal = whom.principalOf(user);
    var ofPrincipal =
        new AclBindingFilter(
            ResourcePatternFilter.ANY,
            new AccessControlEntryFilter(
                principal, null, AclOperation.ANY, AclPermissionType.ALLOW));
    Set<AclBinding> there = Set.copyOf(admin.describeAcls(ofPrincipal).values().get());
    List<Grant> missing =
        needed.stream().filter(grant -> !there.contains(grant.to(principal))).toList();
    if (!missing.isEmpty()) {
      admin.createAcls(missing.stream().map(grant -> grant.to(principal)).toList()).all().get();
    }
    answer.there += needed.size() - missing.size();
    for (Grant grant : missing) {
      answer.added.add(Grants.described(user.userName(), principal, grant));
      answer.lines.add("added " + principal + " " + grant);
    }
  }

  private static void setPasswords(Admin admin, Map<String, String> given)
      throws ExecutionException, InterruptedException {
    var how = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS);
    List<UserScramCredentialAlteration> changes = new ArrayList<>();
    given.forEach(
        (name, password) -> changes.add(new UserScramCredentialUpsertion(name, how, password)));
    if (!changes.isEmpty()) {
      admin.alterUserScramCredentials(changes).all().get();
    }
  }

  private void report(Answer answer, Set<String> withPassword) {
    if (json) {
      ObjectNode printed = Terminal.object().put("there", answer.there);
      ArrayNode added = printed.putArray("added");
      answer.added.forEach(added::add);
      ArrayNode set = printed.putArray("passwords");
      withPassword.forEach(set::add);
      terminal.print(printed);
      return;
    }
    answer.lines.forEach(terminal::print);
    withPassword.forEach(name -> terminal.print("set the password of " + name));
    terminal.print("%d added, %d there before".formatted(answer.added.size(), answer.there));
  }

  private static CommandFailedException failed(Settings settings, Throwable why) {
    String servers = "the brokers at " + settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS);
    return switch (why) {
      case SecurityDisabledException _ ->
          new CommandFailedException(
              servers
                  + " have no authorizer, so everybody may do everything: set"
                  + " authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer"
                  + " in the properties of each",
              why);
      case ClusterAuthorizationException _ ->
          new CommandFailedException(
              servers + " do not let this user grant anything: it takes Alter on the cluster", why);
      default -> new CommandFailedException(servers + " do not take it: " + why.getMessage(), why);
    };
  }
}
