package dev.nexus.readers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Flink SQL in this JVM reads the topics as tables through our registry, with no code of ours.
class FlinkIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final int CALLS = 300;

  @BeforeAll
  static void call() throws Exception {
    Traffic.of(platform, CALLS);
    // What a router that was killed may do: a fact and a measurement are on the log twice.
    repeatFirst(Topic.EXECUTIONS);
    repeatFirst(Topic.METRICS);
  }

  private static void repeatFirst(Topic topic) throws Exception {
    KafkaClients clients = new KafkaClients(platform.platform().settings());
    var first = Traffic.records(clients, topic).getFirst();
    try (var producer = clients.producer("twice")) {
      producer
          .send(new ProducerRecord<>(first.topic(), first.partition(), first.key(), first.value()))
          .get();
    }
  }

  private static TableEnvironment flink() {
    var flink =
        TableEnvironment.create(
            EnvironmentSettings.newInstance()
                .inBatchMode()
                .withConfiguration(
                    Configuration.fromMap(java.util.Map.of("parallelism.default", "1")))
                .build());
    Examples.named("flink").forEach(table -> flink.executeSql(atHome(table)));
    return flink;
  }

  /// The page's addresses, replaced by those of the platform of the test.
  private static String atHome(String sql) {
    String kafka = platform.platform().addresses().kafka();
    assertThat(sql).contains("127.0.0.1:9092", "http://127.0.0.1:8080");
    return sql.replace("127.0.0.1:9092", kafka).replace("http://127.0.0.1:8080", platform.url());
  }

  private static List<Row> rows(TableEnvironment flink, String sql) throws Exception {
    List<Row> rows = new ArrayList<>();
    try (CloseableIterator<Row> found = flink.executeSql(sql).collect()) {
      found.forEachRemaining(rows::add);
    }
    return rows;
  }

  @Test
  void shouldSayOfLatencyWhatOurProjectionSays() throws Exception {
    // Given
    JsonNode tier = Traffic.stats(platform, "greet").path("tiers").path("CODE");
    String latency = Examples.named("flink latency").getFirst();
    // When
    List<Row> rows = ofGreet(latency);
    List<Row> calls =
        ofGreet(
            latency.substring(0, latency.lastIndexOf("SELECT appId"))
                + "SELECT component, FLOOR(endedAt TO MINUTE) AS endedIn, tookMs FROM calls");
    // Then: the same number of calls, none counted twice
    assertThat(rows.stream().mapToLong(row -> (Long) row.getField("calls")).sum())
        .isEqualTo(CALLS)
        .isEqualTo(tier.path("succeeded").asLong());
    // And: each window has the quantile of its calls
    assertThat(rows)
        .allSatisfy(
            row ->
                assertThat(number(row, "p95Ms").doubleValue())
                    .isCloseTo(
                        p95(calls, row.getFieldAs("endedIn")).value(), Offset.offset(0.001)));
    // And: ours is that of all calls, from buckets at most 1/16 apart
    Quantile all = Quantile.of(calls.stream().map(FlinkIT::tookMs).toList(), 0.95);
    assertThat(tier.path("p95Ms").asDouble())
        .isBetween(all.lower() * 15 / 16 - 1, all.upper() * 17 / 16 + 1);
  }

  private static Quantile p95(List<Row> calls, LocalDateTime endedIn) {
    return Quantile.of(
        calls.stream()
            .filter(call -> endedIn.equals(call.getField("endedIn")))
            .map(FlinkIT::tookMs)
            .toList(),
        0.95);
  }

  private static long tookMs(Row call) {
    return number(call, "tookMs").longValue();
  }

  private static Number number(Row row, String column) {
    return row.getFieldAs(column);
  }

  private static List<Row> ofGreet(String sql) throws Exception {
    return rows(flink(), sql).stream()
        .filter(row -> "greet".equals(row.getField("component")))
        .toList();
  }

  @Test
  void shouldCountTasksOnceByComponentAndTier() throws Exception {
    // When
    List<Row> rows = rows(flink(), Examples.named("flink cost").getFirst());
    // Then
    Eventually.holds(
        () ->
            assertThat(
                    Traffic.stats(platform, "greet")
                        .path("roles")
                        .path("SERVE")
                        .path("tasks")
                        .asLong())
                .isEqualTo(CALLS));
    assertThat(rows)
        .filteredOn(row -> "greet".equals(row.getField("component")))
        .singleElement()
        .satisfies(row -> assertThat(row.getField("tier")).isEqualTo("CODE"))
        .satisfies(row -> assertThat(row.getField("tasks")).isEqualTo((long) CALLS));
  }
}
