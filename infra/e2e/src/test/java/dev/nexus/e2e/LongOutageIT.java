package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.LogLag;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.Seeds;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The broker is away for longer than anybody waits for it: what was sent is given up, memberships
/// and transactions are over when it is back. A soak waits as long as clients do that nobody told
/// otherwise, every other run has told them to wait for seconds.
class LongOutageIT {
  private static final Map<String, String> IMPATIENT =
      Map.of(
          "NEXUS_KAFKA_REQUEST_TIMEOUT_MS", "2000",
          "NEXUS_KAFKA_MAX_BLOCK_MS", "4000",
          "NEXUS_KAFKA_DELIVERY_TIMEOUT_MS", "5000",
          "NEXUS_KAFKA_DEFAULT_API_TIMEOUT_MS", "5000",
          "NEXUS_KAFKA_SESSION_TIMEOUT_MS", "5000",
          "NEXUS_KAFKA_TRANSACTION_TIMEOUT_MS", "6000");

  /// The longest that any client waits, a delivery, ends after two minutes by default.
  private static final Duration AWAY =
      Seeds.SOAK ? Duration.ofMinutes(2).plusSeconds(20) : Duration.ofSeconds(9);

  @RegisterExtension
  static final FaultRig rig = FaultRig.together(Seeds.SOAK ? Map.of() : IMPATIENT);

  private static volatile Instant back = Instant.MAX;

  @Test
  void shouldGoOnByItselfWhenTheBrokerWasAwayForLongerThanItsClientsWait() throws Exception {
    rig.through(
        "broker away longer than clients wait",
        () -> {
          try (var tools = new ToolCalls(rig.reads(), rig.key())) {
            awaitMore(tools);
            rig.broker().kill();
            long until = System.nanoTime() + AWAY.toNanos();
            HttpResponse<String> refused = rig.call("echo");
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.body()).contains("log-unavailable");
            TimeUnit.NANOSECONDS.sleep(until - System.nanoTime());
          }
          back = Instant.now();
          rig.broker().restart();
        });
    assertEveryPartWorks();
  }

  /// The load showed that the router decides, executors of both lanes work, the dispatcher starts
  /// what webhooks ask for and queries show it.
  private static void assertEveryPartWorks() throws Exception {
    try (var tools = new ToolCalls(rig.reads(), rig.key())) {
      awaitMore(tools);
    }
    rig.awaitGet("/health", answer -> answer.statusCode() == 200);
    try (Admin admin = rig.clients().impatientAdmin()) {
      LogLag lag = new LogLag(rig.clients(), admin);
      for (ConsumerGroup group : ConsumerGroup.values()) {
        if (group.isOptional()) {
          continue;
        }
        Eventually.holds(
            () ->
                assertThat(lag.ofGroup(group.groupName(), group.topics()))
                    .as("what waits for " + group)
                    .isZero());
      }
    }
    for (Topic topic : List.of(Topic.METRICS, Topic.LOGS)) {
      Eventually.holds(() -> assertThat(writtenSinceThen(topic)).as(topic.name()).isPositive());
    }
  }

  private static void awaitMore(ToolCalls tools) {
    int before = tools.executions().size();
    Eventually.value(
        FaultRig.RECOVERED_WITHIN, tools::executions, e -> e.size() > before + 3, "tool calls");
  }

  /// By the time at which the broker took it. Of log lines at least how many were dropped.
  private static long writtenSinceThen(Topic topic) {
    return new TopicReader(rig.clients())
        .records(topic).stream().filter(r -> r.timestamp() >= back.toEpochMilli()).count();
  }
}
