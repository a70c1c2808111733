package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.bench.InvokeLoad.Round;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What programs read of `bench NAME --json`, and what a person is told who calls it wrongly.
class ReportTest {
  private static final Latencies OWN = new Latencies(2.004, 9.5, 4_300.4);
  private static final Latencies BARE = new Latencies(1, 4, 8_600.8);

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldReportAnInvocationInTheFieldsOthersDependOn() {
    // When
    ObjectNode report =
        InvokeBenchmark.findings(
                List.of(
                    new Round(1, OWN, BARE, 8.5, 4_096.4), new Round(64, OWN, BARE, 8.5, 4_096)),
                OWN)
            .report("invoke", 3);

    // Then
    assertThat(names(report))
        .containsExactly("name", "machine", "runs", "result", "floor", "ratio");
    assertThat(report.path("name").asText()).isEqualTo("invoke");
    assertThat(report.path("runs").asInt()).isEqualTo(3);
    assertThat(names(report.path("machine"))).contains("cores", "memoryMb", "os", "java");
    for (String callers : List.of("c1", "c64")) {
      JsonNode result = report.path("result").path(callers);
      assertThat(result.path("p50Ms").asDouble()).isEqualTo(2.0);
      assertThat(result.path("p99Ms").asDouble()).isEqualTo(9.5);
      assertThat(result.path("perSecond").asLong()).isEqualTo(4_300);
      assertThat(result.path("recordsPerCall").asDouble()).isEqualTo(8.5);
      assertThat(result.path("bytesPerCall").asLong()).isEqualTo(4_096);
      assertThat(names(report.path("floor").path(callers)))
          .containsExactly("p50Ms", "p99Ms", "perSecond");
      assertThat(report.path("ratio").path(callers).path("p50").asDouble()).isEqualTo(2.0);
      assertThat(report.path("ratio").path(callers).path("perSecond").asDouble()).isEqualTo(0.5);
    }
    assertThat(report.path("result").path("c1BehindPrompts").path("p99Ms").asDouble())
        .isEqualTo(9.5);
  }

  @Test
  void shouldReportOutsideEventsInTheFieldsOthersDependOn() {
    // When
    ObjectNode report =
        EventsBenchmark.findings(
                new EventsBenchmark.Measured(2_270.4, OWN),
                new EventsBenchmark.Measured(9_081.6, BARE))
            .report("events", 3);

    // Then
    assertThat(report.path("result").path("eventsPerSecond").asLong()).isEqualTo(2_270);
    for (String part : List.of("result", "floor", "ratio")) {
      assertThat(names(report.path(part))).containsExactly("eventsPerSecond", "at200");
    }
    assertThat(report.path("result").path("at200").path("p99Ms").asDouble()).isEqualTo(9.5);
    assertThat(report.path("floor").path("at200").path("p50Ms").asDouble()).isEqualTo(1);
    assertThat(report.path("ratio").path("eventsPerSecond").asDouble()).isEqualTo(0.25);
    assertThat(report.path("ratio").path("at200").path("p50").asDouble()).isEqualTo(2);
    assertThat(report.path("ratio").path("at200").path("p99").asDouble()).isEqualTo(2.38);
  }

  @Test
  void shouldReportAStartInTheFieldsOthersDependOn() {
    // When
    ObjectNode report = StartupBenchmark.findings(3.5, 8.25, 780, 0.05).report("startup", 5);

    // Then
    assertThat(names(report))
        .containsExactly("name", "machine", "runs", "result", "floor", "ratio");
    assertThat(report.path("result").path("readySeconds").asDouble()).isEqualTo(3.5);
    assertThat(report.path("result").path("firstStartSeconds").asDouble()).isEqualTo(8.25);
    assertThat(report.path("result").path("rssMb").asLong()).isEqualTo(780);
    assertThat(report.path("floor").path("emptyJvmSeconds").asDouble()).isEqualTo(0.05);
    assertThat(report.path("ratio").asDouble()).isEqualTo(70);
  }

  @Test
  void shouldReportTheReadSideInTheFieldsOthersDependOn() {
    // When
    ObjectNode ingest =
        ReadSideRuns.findings(new ReadSideRuns.Rates(120_000.4, 240_000, 600_000, 480_000, 4.444))
            .report("ingest", 3);
    ObjectNode visible =
        VisibleBenchmark.findings(OWN, new VisibleBenchmark.Floors(BARE, BARE, OWN))
            .report("visible", 3);

    // Then
    assertThat(ingest.path("result").path("eventsPerSecond").asLong()).isEqualTo(120_000);
    assertThat(ingest.path("result").path("redisCpuMicros").asDouble()).isEqualTo(4.44);
    assertThat(names(ingest.path("floor")))
        .containsExactly("producerPerSecond", "consumerPerSecond", "redisPerSecond");
    assertThat(ingest.path("ratio").path("producer").asDouble()).isEqualTo(0.5);
    assertThat(ingest.path("ratio").path("consumer").asDouble()).isEqualTo(0.2);
    assertThat(ingest.path("ratio").path("redis").asDouble()).isEqualTo(0.25);
    assertThat(visible.path("result").path("at10k").path("p99Ms").asDouble()).isEqualTo(9.5);
    assertThat(names(visible.path("floor")))
        .containsExactly("producerAt10k", "consumerAt10k", "redisAt10k");
    assertThat(visible.path("ratio").path("producer").path("p50").asDouble()).isEqualTo(2);
    assertThat(visible.path("ratio").path("consumer").path("p99").asDouble()).isEqualTo(2.38);
    assertThat(visible.path("ratio").path("redis").path("p99").asDouble()).isEqualTo(1);
  }

  @Test
  void shouldReportATakeoverInTheFieldsOthersDependOn() {
    // When
    ObjectNode report = TakeoverBenchmark.findings(7.5, 9.25, 10, 6, 2.004).report("takeover", 3);

    // Then
    assertThat(report.path("result").path("routerSeconds").asDouble()).isEqualTo(7.5);
    assertThat(report.path("result").path("executorSeconds").asDouble()).isEqualTo(9.25);
    assertThat(report.path("result").path("leaseSeconds").asDouble()).isEqualTo(10);
    assertThat(report.path("floor").path("consumerGroupSeconds").asDouble()).isEqualTo(6);
    assertThat(report.path("floor").path("shareGroupSeconds").asDouble()).isEqualTo(2);
    assertThat(report.path("ratio").path("router").asDouble()).isEqualTo(1.25);
    assertThat(report.path("ratio").path("executorToLease").asDouble()).isEqualTo(0.93);
    assertThat(report.path("ratio").path("executorToShareGroup").asDouble()).isEqualTo(4.62);
  }

  @Test
  void shouldReportMemoryInTheFieldsOthersDependOn() {
    // When
    ObjectNode report =
        MemoryBenchmark.findings(
                new MemoryBenchmark.Size(1_000, 100),
                new MemoryBenchmark.Held(4, 100.4, 300, 50),
                new MemoryBenchmark.Held(5, 20, 135, 0),
                20,
                new MemoryBenchmark.Held(2, 10, 90, 0))
            .report("memory", 1);

    // Then
    JsonNode router = report.path("result").path("router");
    assertThat(names(router)).containsExactly("recoverySeconds", "heapMb", "residentMb", "diskMb");
    assertThat(router.path("heapMb").asLong()).isEqualTo(100);
    assertThat(report.path("result").path("redisMb").asLong()).isEqualTo(20);
    assertThat(report.path("floor").path("residentMb").asLong()).isEqualTo(90);
    JsonNode ratio = report.path("ratio");
    assertThat(ratio.path("routerRecovery").asDouble()).isEqualTo(2);
    assertThat(ratio.path("routerHeap").asDouble()).isEqualTo(10.04);
    assertThat(ratio.path("routerResident").asDouble()).isEqualTo(3.33);
    assertThat(ratio.path("projectorRecovery").asDouble()).isEqualTo(2.5);
    assertThat(ratio.path("projectorHeap").asDouble()).isEqualTo(2);
    assertThat(ratio.path("projectorResident").asDouble()).isEqualTo(1.5);
    var effort = new Benchmark.Effort(3, Duration.ZERO, Duration.ZERO);
    assertThat(new MemoryBenchmark(1_000).runs(effort)).isEqualTo(1);
    assertThat(new VisibleBenchmark().runs(effort)).isEqualTo(3);
  }

  @Test
  void shouldReportContainersBesideOneJvmInTheFieldsOthersDependOn() {
    // Given
    var compose =
        new ComposeBenchmark.Taken(
            61.254,
            Map.of("projector", 4.5067, "mcp-gateway", 3.0),
            List.of(new Round(1, OWN, BARE, 8.5, 4_096), new Round(64, OWN, BARE, 8.5, 4_096)),
            Map.of("projector", 200L, "kafka-1", 600L));
    var standalone =
        new ComposeBenchmark.Taken(
            8,
            Map.of("jvm", 7.1),
            List.of(new Round(1, BARE, BARE, 8, 4_000), new Round(64, BARE, BARE, 8, 4_000)),
            Map.of("jvm", 300L, "redis", 20L));

    // When
    ObjectNode report =
        ComposeBenchmark.findings(compose, standalone, Map.of("projector", 430_499_999L))
            .report("compose", 3);

    // Then
    JsonNode own = report.path("result").path("compose");
    assertThat(names(own))
        .containsExactly("firstAnswerSeconds", "startSeconds", "c1", "c64", "residentMb");
    assertThat(own.path("firstAnswerSeconds").asDouble()).isEqualTo(61.25);
    assertThat(names(own.path("startSeconds"))).containsExactly("mcp-gateway", "projector");
    assertThat(own.path("startSeconds").path("projector").asDouble()).isEqualTo(4.51);
    assertThat(own.path("c64").path("perSecond").asLong()).isEqualTo(4_300);
    assertThat(names(own.path("residentMb"))).containsExactly("kafka-1", "projector", "total");
    assertThat(own.path("residentMb").path("total").asLong()).isEqualTo(800);
    assertThat(names(report.path("result").path("standalone"))).isEqualTo(names(own));
    assertThat(report.path("result").path("imagesMb").path("projector").asLong()).isEqualTo(430);
    for (String site : List.of("compose", "standalone")) {
      assertThat(names(report.path("floor").path(site))).containsExactly("c1", "c64");
      assertThat(names(report.path("ratio").path(site))).containsExactly("c1", "c64");
    }
    assertThat(report.path("ratio").path("compose").path("c1").path("p50").asDouble()).isEqualTo(2);
    JsonNode between = report.path("ratio").path("composeToStandalone");
    assertThat(between.path("firstAnswer").asDouble()).isEqualTo(7.66);
    assertThat(between.path("c64").path("p50").asDouble()).isEqualTo(2);
    assertThat(between.path("c64").path("perSecond").asDouble()).isEqualTo(0.5);
    assertThat(between.path("resident").asDouble()).isEqualTo(2.5);
  }

  @Test
  void shouldTakeTheMiddleOfItsRuns() {
    Latencies middle =
        Latencies.median(
            List.of(
                new Latencies(3, 10, 100), new Latencies(1, 30, 300), new Latencies(2, 20, 200)));
    assertThat(middle).isEqualTo(new Latencies(2, 20, 200));
  }

  @Test
  void shouldExplainItselfByExample() {
    // When
    int code = run("bench", "--help");

    // Then
    assertThat(code).isZero();
    assertThat(out.toString())
        .contains("Examples:", "nexus bench invoke", "nexus bench startup --json", "--runs");
  }

  @Test
  void shouldSayWhichBenchmarksThereAre() {
    // When
    int code = run("bench", "invok");

    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "nexus: no benchmark 'invok'; there are: invoke, events, startup, ingest,"
                + " visible, rebuild, takeover, memory, sandbox, compose");
  }

  private int run(String... arguments) {
    var terminal = new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), Map.of());
    return Verbs.run(terminal, arguments);
  }

  private static List<String> names(JsonNode object) {
    return object.propertyStream().map(Map.Entry::getKey).toList();
  }
}
