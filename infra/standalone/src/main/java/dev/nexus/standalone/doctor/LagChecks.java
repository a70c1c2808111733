package dev.nexus.standalone.doctor;

import dev.nexus.event.task.Lane;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.GroupMembers;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogLag;
import dev.nexus.platform.stream.ShareGroups;
import dev.nexus.topic.Topic;
import dev.nexus.topic.Topic.Keep;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/// How far those are behind that share work in groups, counted as it is where new work is refused.
/// They tell the brokers how far they are, once a second.
final class LagChecks {
  private final KafkaClients clients;
  private final Admin admin;
  private final LogLag lag;
  private final long limit;
  private final Embedded own;

  /// @param limit records behind above which new work is refused
  LagChecks(KafkaClients clients, Admin admin, long limit, Embedded own) {
    this.clients = clients;
    this.admin = admin;
    this.lag = new LogLag(clients, admin);
    this.limit = limit;
    this.own = own;
  }

  /// Who reads for a group, and what follows when it is above the limit.
  private record Meaning(String service, String above, String mendAbove) {}

  private Meaning meaning(ConsumerGroup group) {
    return switch (group) {
      case ROUTER, DISPATCH ->
          new Meaning(
              "a command-service",
              "new work is refused above " + limit,
              another("command-service"));
      case TRIGGER ->
          new Meaning(
              "a command-service",
              "events wait on " + clients.name(Topic.INGRESS) + kept(Topic.INGRESS),
              "wait: they are let in when no other part is too far behind and no disk is full");
      case VALUES ->
          new Meaning(
              "a command-service",
              "answers about runtime values come late; nothing is refused for that",
              another("command-service"));
      case ORACLE ->
          new Meaning(
              "an oracle-stream",
              "promotions come late; nothing is refused for that",
              another("oracle-stream"));
      case TRACES ->
          new Meaning(
              "a projector with NEXUS_OTLP_ENDPOINT",
              "spans come late; nothing is refused for that",
              "look at the receiver of traces, and at what the projector's log says of it");
      case SERVICES ->
          new Meaning(
              "a sandbox-executor with Docker",
              "services do not run; nothing is refused for that",
              another("sandbox-executor"));
    };
  }

  /// Beside a platform with a broker of its own there is room for nobody.
  private String another(String service) {
    return own.mendPart(
        "wait; when it does not shrink, look at nexus.log in its directory",
        "wait, or start another instance of " + service);
  }

  private static String kept(Topic topic) {
    return topic.keep() instanceof Keep.For(var time)
        ? ", which keeps them for " + Settings.inWords(time)
        : "";
  }

  /// A finding for each group and lane that somebody joined or that left something undone.
  List<Finding> all() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    for (ConsumerGroup group : ConsumerGroup.values()) {
      String check = clients.group(group.groupName()) + " lag";
      findings.addAll(Findings.of(check, own, () -> of(check, group)));
    }
    for (Lane lane : Lane.values()) {
      String name = clients.group(ShareGroups.ofLane(lane));
      findings.addAll(Findings.of(name + " lag", own, () -> of(name, lane)));
    }
    return findings;
  }

  private List<Finding> of(String check, ConsumerGroup group)
      throws ExecutionException, InterruptedException {
    int members = GroupMembers.ofConsumerGroup(admin, clients.group(group.groupName()));
    if (members == 0 && group.isOptional()) {
      return List.of();
    }
    long waiting = lag.ofGroup(group.groupName(), group.topics());
    Meaning meaning = meaning(group);
    if (members == 0) {
      return waiting == 0
          ? List.of()
          : List.of(
              Finding.doubtful(
                  check,
                  Finding.count(waiting, "record") + " to read and nobody reads them",
                  own.mendBroker(
                      "start it again; nexus.log in its directory says what ended",
                      "start a platform on these brokers (./nexus up), or " + meaning.service())));
    }
    String detail = waits(waiting, "record", members, "reader");
    return List.of(
        waiting <= limit
            ? Finding.good(check, detail)
            : Finding.doubtful(check, detail + ": " + meaning.above(), meaning.mendAbove()));
  }

  private static String waits(long waiting, String what, int members, String who) {
    return Finding.count(waiting, what)
        + (waiting == 1 ? " waits for " : " wait for ")
        + Finding.count(members, who);
  }

  /// A lane that somebody serves, or where work waits for nobody.
  private List<Finding> of(String group, Lane lane)
      throws ExecutionException, InterruptedException {
    int executors = GroupMembers.ofShareGroup(admin, group);
    long waiting = lag.ofLane(lane);
    String check = group + " lag";
    if (executors == 0) {
      return waiting == 0
          ? List.of()
          : List.of(
              Finding.doubtful(
                  check,
                  Finding.count(waiting, "task") + " to do and no executor serves the lane",
                  own.mendBroker(
                          "start it again; nexus.log in its directory says what ended",
                          "start one that does")
                      + "; after its queue limit a task is asked for again"));
    }
    String detail = waits(waiting, "task", executors, "executor");
    return List.of(
        settingsOf(group),
        waiting <= limit
            ? Finding.good(check, detail)
            : Finding.doubtful(
                check,
                detail + ": new work is refused above " + limit,
                another("sandbox-executor")));
  }

  private Finding settingsOf(String group) throws ExecutionException, InterruptedException {
    var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
    Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    List<String> wrong = new ArrayList<>();
    ShareGroups.SETTINGS.forEach(
        (name, expected) -> {
          ConfigEntry entry = config == null ? null : config.get(name);
          String found = entry == null ? "unset" : String.valueOf(entry.value());
          if (!found.equals(expected)) {
            wrong.add(name + " is " + found + ", expected " + expected);
          }
        });
    return wrong.isEmpty()
        ? Finding.good(group, "reads committed tasks from the first on")
        : Finding.broken(
            group,
            String.join("; ", wrong),
            own.mendBroker(
                "set them",
                "kafka-configs.sh --alter --entity-type groups --entity-name "
                    + group
                    + " --add-config "
                    + ShareGroups.SETTINGS.entrySet().stream()
                        .map(setting -> setting.getKey() + "=" + setting.getValue())
                        .collect(Collectors.joining(","))
                    + ", or start Nexus anew: it sets them"));
  }
}
