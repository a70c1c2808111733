package dev.nexus.platform.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MeasureTest {
  private static final Path DOCUMENT = Path.of("../../docs/metrics.md");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /// Run with -Dnexus.docs=write to have the document written anew.
  @Test
  void shouldDocumentEveryMeasure() throws IOException {
    String needed = document();
    if ("write".equals(System.getProperty("nexus.docs"))) {
      Files.writeString(DOCUMENT, needed);
    }
    assertThat(DOCUMENT).content().isEqualTo(needed);
  }

  private static String document() {
    StringBuilder text =
        new StringBuilder(
            """
            # Metrics

            Every process of Nexus tells Prometheus about itself at `/metrics` of its port. The names below
            do not change; dashboards and alerts may rest on them. A process has those of the work it does,
            from the first time it does it. Beside them are Micronaut's `http_server_requests_seconds`, by route and
            status, and Micrometer's `jvm_*`, `process_*` and `system_*`.

            Who asks within the same machine or container needs no key. Others give one as a bearer token, any that
            is valid: `./nexus keys issue` makes it, and [Compose](compose.md#see-what-it-does) hands it to Prometheus.

            What has happened is on the log, event by event, for as long as the topic keeps it, and
            [analytics](analytics.md) reads it there. These numbers are for whoever looks after the installation.

            | name | kind | labels | meaning |
            |---|---|---|---|
            """);
    for (Measure measure : Measure.values()) {
      text.append("| `")
          .append(measure.prometheusName())
          .append("` | ")
          .append(kind(measure))
          .append(" | ")
          .append(
              measure.labels().stream().map(l -> "`" + l + "`").collect(Collectors.joining(", ")))
          .append(" | ")
          .append(measure.meaning())
          .append(" |\n");
    }
    return text.toString();
  }

  private static String kind(Measure measure) {
    return measure.kind() == Measure.Kind.TIMER
        ? "histogram"
        : measure.kind().name().toLowerCase(Locale.ROOT);
  }

  @ParameterizedTest
  @EnumSource(Measure.class)
  void shouldHaveTheDocumentedNameInPrometheus(Measure measure) {
    // Given
    String[] values =
        measure.labels().stream().map(label -> "some " + label).toArray(String[]::new);

    // When
    switch (measure.kind()) {
      case COUNTER -> measure.counter(registry, values).increment();
      case GAUGE -> measure.gauge(registry, new AtomicLong(1), AtomicLong::get, values);
      case TIMER -> measure.timer(registry, values).record(Duration.ofMillis(30));
    }

    // Then
    String name = measure.prometheusName();
    String kind = kind(measure);
    assertThat(registry.scrape()).contains("# TYPE " + name + " " + kind + "\n");
    measure
        .labels()
        .forEach(l -> assertThat(registry.scrape()).contains(l + "=\"some " + l + "\""));
    if (measure.kind() == Measure.Kind.TIMER) {
      assertThat(registry.scrape()).contains(name + "_bucket", "le=\"0.05\"", name + "_sum");
    }
  }

  @Test
  void shouldTellWhatSomebodyElseCounts() {
    // Given
    AtomicLong count = new AtomicLong(3);
    Measure.DROPPED.countOf(registry, count, AtomicLong::get, "logs");

    // When
    count.set(5);

    // Then
    assertThat(registry.scrape()).contains("nexus_events_dropped_total{events=\"logs\"} 5.0");
  }

  @Test
  void shouldRefuseLabelsThatItDoesNotHave() {
    assertThatThrownBy(() -> Measure.WRITTEN.counter(registry, "nexus.executions"))
        .hasMessage("WRITTEN has the labels [topic, type], not 1");
    assertThatThrownBy(() -> Measure.WRITTEN.timer(registry, "nexus.executions", "any"))
        .hasMessage("WRITTEN is a COUNTER, no TIMER");
  }
}
