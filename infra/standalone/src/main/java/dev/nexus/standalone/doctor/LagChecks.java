package dev.nexus.standalone.doctor;

import dev.nexus.event.task.Lane;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogLag;
import dev.nexus.platform.stream.ShareGroups;
import dev.nexus.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/// How far those are behind that share work in groups, counted as it is where new work is refused.
/// They tell the brokers how far they are, once a second.
final class LagChecks {
  private final KafkaClients clients;
  private final Admin admin;
  private final LogLag lag;
  private final long limit;

  /// Who reads, what, and what follows when it is above the limit or nobody does.
  private record Group(
      String name, List<Topic> topics, String service, String above, String mendAbove) {}

  private final List<Group> groups;

  /// @param limit records behind above which new work is refused
  LagChecks(KafkaClients clients, Admin admin, long limit) {
    this.clients = clients;
    this.admin = admin;
    this.lag = new LogLag(clients, admin);
    this.limit = limit;
    String refused = "new work is refused above " + limit;
    String another = "wait, or start another instance of command-service";
    this.groups =
        List.of(
            new Group(
                "router",
                List.of(Topic.REQUESTS, Topic.OUTCOMES),
                "a command-service",
                refused,
                another),
            new Group("dispatch", List.of(Topic.EVENTS), "a command-service", refused, another),
            new Group(
                "trigger",
                List.of(Topic.INGRESS),
                "a command-service",
                "events wait on nexus.ingress, which keeps them for 7 days",
                "wait: they are let in when no other part is too far behind and no disk is full"),
            new Group(
                "oracle",
                List.of(Topic.EXECUTIONS),
                "an oracle-stream",
                "promotions come late; nothing is refused for that",
                "wait, or start another instance of oracle-stream"));
  }

  /// A finding for each group and lane that somebody joined or that left something undone.
  List<Finding> all() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    for (Group group : groups) {
      String check = clients.group(group.name()) + " lag";
      findings.addAll(Findings.of(check, () -> of(check, group)));
    }
    for (Lane lane : Lane.values()) {
      String name = clients.group(ShareGroups.ofLane(lane));
      findings.addAll(Findings.of(name + " lag", () -> of(name, lane)));
    }
    return findings;
  }

  private List<Finding> of(String check, Group group)
      throws ExecutionException, InterruptedException {
    int members = members(clients.group(group.name()));
    long waiting = lag.ofGroup(group.name(), group.topics());
    if (members == 0) {
      return waiting == 0
          ? List.of()
          : List.of(
              Finding.doubtful(
                  check,
                  Finding.count(waiting, "record") + " to read and nobody reads them",
                  "start a platform on these brokers (./nexus up), or " + group.service()));
    }
    String detail = waits(waiting, "record", members, "reader");
    return List.of(
        waiting <= limit
            ? Finding.good(check, detail)
            : Finding.doubtful(check, detail + ": " + group.above(), group.mendAbove()));
  }

  private static String waits(long waiting, String what, int members, String who) {
    return Finding.count(waiting, what)
        + (waiting == 1 ? " waits for " : " wait for ")
        + Finding.count(members, who);
  }

  private int members(String group) throws ExecutionException, InterruptedException {
    try {
      var described = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
      return described == null ? 0 : described.members().size();
    } catch (ExecutionException e) {
      return nobody(e);
    }
  }

  /// A group that nobody ever joined is not there.
  private static int nobody(ExecutionException e) throws ExecutionException {
    if (e.getCause() instanceof GroupIdNotFoundException) {
      return 0;
    }
    throw e;
  }

  /// A lane that somebody serves, or where work waits for nobody.
  private List<Finding> of(String group, Lane lane)
      throws ExecutionException, InterruptedException {
    int executors = executors(group);
    long waiting = lag.ofLane(lane);
    String check = group + " lag";
    if (executors == 0) {
      return waiting == 0
          ? List.of()
          : List.of(
              Finding.doubtful(
                  check,
                  Finding.count(waiting, "task") + " to do and no executor serves the lane",
                  "start one that does; after its queue limit a task is asked for again"));
    }
    String detail = waits(waiting, "task", executors, "executor");
    return List.of(
        settingsOf(group),
        waiting <= limit
            ? Finding.good(check, detail)
            : Finding.doubtful(
                check,
                detail + ": new work is refused above " + limit,
                "wait, or start another instance of sandbox-executor"));
  }

  private int executors(String group) throws ExecutionException, InterruptedException {
    try {
      var described = admin.describeShareGroups(List.of(group)).all().get().get(group);
      return described == null ? 0 : described.members().size();
    } catch (ExecutionException e) {
      return nobody(e);
    }
  }

  private Finding settingsOf(String group) throws ExecutionException, InterruptedException {
    var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
    Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    List<String> wrong = new ArrayList<>();
    for (String wanted :
        List.of("share.auto.offset.reset=earliest", "share.isolation.level=read_committed")) {
      String name = wanted.substring(0, wanted.indexOf('='));
      String expected = wanted.substring(wanted.indexOf('=') + 1);
      ConfigEntry entry = config == null ? null : config.get(name);
      String found = entry == null ? "unset" : String.valueOf(entry.value());
      if (!found.equals(expected)) {
        wrong.add(name + " is " + found + ", expected " + expected);
      }
    }
    return wrong.isEmpty()
        ? Finding.good(group, "reads committed tasks from the first on")
        : Finding.broken(
            group,
            String.join("; ", wrong),
            "kafka-configs.sh --alter --entity-type groups --entity-name "
                + group
                + " --add-config share.auto.offset.reset=earliest,"
                + "share.isolation.level=read_committed, or start Nexus anew: it sets them");
  }
}
