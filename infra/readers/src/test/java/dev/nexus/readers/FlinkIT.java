package dev.nexus.readers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import java.time.LocalDateTime;
import java.util.List;
import org.apache.flink.types.Row;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Flink SQL in this JVM reads the topics as tables through our registry, with no code of ours. On
/// the log is what it must not count, see `Traffic`.
class FlinkIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  @BeforeAll
  static void call() throws Exception {
    Traffic.of(platform);
  }

  private static FlinkTables flink() {
    return new FlinkTables(platform.platform().addresses().kafka(), platform.url(), "");
  }

  @Test
  void shouldSayOfLatencyWhatOurProjectionSays() throws Exception {
    // Given
    JsonNode tier = Traffic.stats(platform, "greet").path("tiers").path("CODE");
    FlinkTables flink = flink();
    // When
    List<Row> rows = flink.ofGreet("flink latency");
    List<Row> calls =
        flink.ofGreet(
            "flink latency",
            "SELECT appId",
            "SELECT component, FLOOR(endedAt TO MINUTE) AS endedIn, tookMs FROM calls");
    // Then: the same number of calls, none counted twice, and none that was never committed
    assertThat(FlinkTables.sum(rows, "calls"))
        .isEqualTo(Traffic.CALLS)
        .isEqualTo(tier.path("succeeded").asLong());
    // And: each took as long as the log says, also over the end of a second
    assertThat(calls.stream().map(FlinkIT::tookMs).toList())
        .containsExactlyInAnyOrderElementsOf(Traffic.tookMs(platform));
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

  @Test
  void shouldCountTasksOnceByComponentAndTier() throws Exception {
    // When
    List<Row> rows = flink().ofGreet("flink cost");
    // Then
    Eventually.holds(
        () ->
            assertThat(
                    Traffic.stats(platform, "greet")
                        .path("roles")
                        .path("SERVE")
                        .path("tasks")
                        .asLong())
                .isEqualTo(Traffic.CALLS));
    assertThat(rows)
        .singleElement()
        .satisfies(row -> assertThat(row.getField("tier")).isEqualTo("CODE"))
        .satisfies(row -> assertThat(row.getField("tasks")).isEqualTo((long) Traffic.CALLS));
  }
}
