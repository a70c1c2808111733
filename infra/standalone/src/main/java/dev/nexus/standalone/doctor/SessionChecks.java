package dev.nexus.standalone.doctor;

import dev.nexus.platform.stream.KafkaClients;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;

/// Times that brokers are set to, on every one of them: how long the work of who was killed waits
/// for others, and what the members of our groups and our transactions ask for.
final class SessionChecks {
  private static final String CHECK = "sessions";

  /// What a setting should be.
  ///
  /// @param atMost whether a smaller value does too, else a larger one does
  /// @param needed whether Nexus does not work otherwise, or is only slower
  private record Wanted(String name, long value, boolean atMost, boolean needed, String otherwise) {
    boolean fits(long found) {
      return atMost ? found <= value : found >= value;
    }
  }

  private SessionChecks() {}

  private static List<Wanted> wanted(KafkaClients clients) {
    long session = clients.sessionMs();
    long transaction = clients.transactionTimeoutMs();
    return List.of(
        new Wanted(
            "group.share.session.timeout.ms",
            2_000,
            true,
            false,
            "work of a killed executor waits that long"),
        new Wanted(
            "group.share.min.session.timeout.ms",
            2_000,
            true,
            false,
            "share groups cannot have a shorter session"),
        new Wanted(
            "broker.session.timeout.ms",
            2_000,
            true,
            false,
            "a broker that was killed is served again only after that"),
        new Wanted(
            "group.min.session.timeout.ms",
            session,
            true,
            true,
            "readers ask for " + session + " and are refused"),
        new Wanted(
            "group.max.session.timeout.ms",
            session,
            false,
            true,
            "readers ask for " + session + " and are refused"),
        new Wanted(
            "transaction.max.timeout.ms",
            transaction,
            false,
            true,
            "owners of partitions ask for " + transaction + " and are refused"),
        new Wanted(
            "add.partitions.to.txn.retry.backoff.ms",
            1,
            true,
            false,
            "each decision may wait that long for the one before it"),
        new Wanted(
            "group.share.record.lock.duration.ms",
            5_000,
            true,
            false,
            "a task whose acknowledgement was lost comes again only after that"));
  }

  /// A finding for each setting that some broker has otherwise, or one that all are right.
  static List<Finding> run(KafkaClients clients, Admin admin, Collection<Node> nodes, Embedded own)
      throws ExecutionException, InterruptedException {
    List<Wanted> all = wanted(clients);
    List<ConfigResource> brokers =
        nodes.stream()
            .map(node -> new ConfigResource(ConfigResource.Type.BROKER, node.idString()))
            .toList();
    Map<String, Config> configs = new TreeMap<>();
    admin
        .describeConfigs(brokers)
        .all()
        .get()
        .forEach((resource, config) -> configs.put(resource.name(), config));
    List<Finding> findings = new ArrayList<>();
    for (Wanted wanted : all) {
      findings.addAll(judged(wanted, configs, own));
    }
    return findings.isEmpty()
        ? List.of(
            Finding.good(
                CHECK,
                all.size()
                    + " settings of "
                    + Finding.count(nodes.size(), "broker")
                    + " as they should be"))
        : findings;
  }

  private static List<Finding> judged(Wanted wanted, Map<String, Config> configs, Embedded own) {
    List<String> wrong = new ArrayList<>();
    boolean readOnly = true;
    boolean told = true;
    for (var broker : configs.entrySet()) {
      ConfigEntry entry = broker.getValue().get(wanted.name());
      if (entry == null || entry.value() == null || !entry.value().matches("-?\\d{1,18}")) {
        wrong.add("not told by broker " + broker.getKey());
        told = false;
      } else if (!wanted.fits(Long.parseLong(entry.value()))) {
        wrong.add(entry.value() + " on broker " + broker.getKey());
        readOnly &= entry.isReadOnly();
      }
    }
    if (wrong.isEmpty()) {
      return List.of();
    }
    String detail =
        wanted.name()
            + " is "
            + String.join(", ", wrong)
            + ", expected "
            + wanted.value()
            + (wanted.atMost() ? " or less: " : " or more: ")
            + wanted.otherwise();
    String line = wanted.name() + "=" + wanted.value();
    String mend =
        readOnly
            ? "set " + line + " in the properties of every broker and controller, and restart them"
            : "kafka-configs.sh --bootstrap-server HOST:PORT --alter --entity-type brokers"
                + " --entity-default --add-config "
                + line;
    mend = own.mendBroker("start its own broker with what it needs", mend);
    return List.of(
        wanted.needed() && told
            ? Finding.broken(CHECK, detail, mend)
            : Finding.doubtful(CHECK, detail, mend));
  }
}
