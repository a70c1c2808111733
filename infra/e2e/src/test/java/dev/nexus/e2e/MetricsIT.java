package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.measure.Measure;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What `/metrics` tells of a platform that works.
class MetricsIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final Pattern LINE = Pattern.compile("([a-z0-9_]+(?:\\{.*})?) (\\S+)");
  private static final int CALLS = 3;

  @BeforeAll
  static void apply() {
    platform.apply("lab");
  }

  @Test
  void shouldCountWhatHappens() {
    // Given
    Map<String, Double> before = metrics();

    // When
    for (int i = 0; i < CALLS; i++) {
      PlatformExtension.json(
          platform.post("/v1/apps/lab/components/greet/invoke", "{\"name\": \"Ada\"}"), 200);
    }
    PlatformExtension.json(
        platform.post(
            "/mcp",
            """
            {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
             "params": {"name": "lab.greet", "arguments": {"name": "Ada"}}}"""),
        200);

    // Then
    Eventually.holds(
        () -> {
          Map<String, Double> after = metrics();
          assertGrew(
              before,
              after,
              CALLS + 1,
              "nexus_events_written_total{topic=\"nexus.requests\",type=\"InvokeRequested\"}",
              "nexus_events_written_total{topic=\"nexus.executions\",type=\"ExecutionSucceeded\"}",
              "nexus_events_written_total{topic=\"nexus.metrics\",type=\"TaskMeasured\"}",
              "nexus_execution_seconds_count{result=\"succeeded\"}",
              "nexus_execution_seconds_bucket{result=\"succeeded\",le=\"60.0\"}",
              "nexus_tasks_total{result=\"succeeded\",tier=\"CODE\"}",
              "nexus_task_wait_seconds_count{tier=\"CODE\"}",
              "nexus_task_work_seconds_count{tier=\"CODE\"}");
          assertGrew(before, after, 1, "nexus_tool_calls_total{result=\"succeeded\"}");
          assertGrew(
              before, after, 1, "nexus_projection_delay_seconds_count{topic=\"nexus.executions\"}");
        });
  }

  /// Disks are looked at every few seconds, and the first time before anything is on the log.
  @Test
  void shouldTellOfItsPartsItsDisksAndItsJvm() {
    Eventually.holds(
        () -> {
          Map<String, Double> now = metrics();
          assertThat(now.get("nexus_disk_free_bytes")).isGreaterThan(1 << 20);
          assertThat(now.get("nexus_log_bytes")).isGreaterThan(1_000);
          assertThat(now.keySet())
              .filteredOn(name -> name.startsWith("nexus_service_healthy{"))
              .hasSizeGreaterThan(5)
              .allSatisfy(name -> assertThat(now.get(name)).describedAs(name).isEqualTo(1));
          assertThat(now.keySet())
              .anyMatch(name -> name.startsWith("http_server_requests_seconds_count"))
              .anyMatch(name -> name.startsWith("jvm_memory_used_bytes"));
        });
  }

  @Test
  void shouldTellHowFarEachReaderIsBehind() {
    Eventually.holds(
        () ->
            assertThat(metrics())
                .containsKeys(
                    "nexus_backlog_records{reader=\"router\"}",
                    "nexus_backlog_records{reader=\"dispatch\"}",
                    "nexus_backlog_records{reader=\"lane-code\"}",
                    "nexus_backlog_records{reader=\"lane-container\"}",
                    "nexus_backlog_records{reader=\"lane-model\"}",
                    "nexus_backlog_records{reader=\"projector-executions\"}",
                    "nexus_backlog_records{reader=\"projector-decisions\"}"));
  }

  @Test
  void shouldTellNothingThatIsNotDocumented() {
    assertDocumented(platform.get("/metrics").body());
  }

  /// Whatever of ours is told is in the list that the documentation is made of.
  static void assertDocumented(String metrics) {
    Set<String> documented =
        Arrays.stream(Measure.values()).map(Measure::prometheusName).collect(Collectors.toSet());
    Set<String> told =
        metrics
            .lines()
            .filter(line -> line.startsWith("# TYPE nexus_"))
            .map(line -> line.split(" ")[2].replaceFirst("_max$", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(told).contains("nexus_service_healthy").isSubsetOf(documented);
  }

  private static void assertGrew(
      Map<String, Double> before, Map<String, Double> after, int atLeast, String... names) {
    for (String name : names) {
      assertThat(after.getOrDefault(name, 0.0))
          .describedAs(name)
          .isGreaterThanOrEqualTo(before.getOrDefault(name, 0.0) + atLeast);
    }
  }

  /// Values by name and labels.
  private static Map<String, Double> metrics() {
    Map<String, Double> values = new TreeMap<>();
    for (String line : platform.get("/metrics").body().lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        values.put(matcher.group(1), Double.parseDouble(matcher.group(2)));
      }
    }
    return values;
  }
}
