package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.HdrHistogram.Histogram;

/// What one measurement of a closed loop gave: each caller sends its next call when the last one
/// was answered, so a slow answer costs throughput and is not hidden.
record Latencies(double p50Ms, double p99Ms, double perSecond) {

  static Latencies of(List<Histogram> perCaller, Duration took) {
    Histogram all = new Histogram(3);
    perCaller.forEach(all::add);
    return new Latencies(
        all.getValueAtPercentile(50) / 1e6,
        all.getValueAtPercentile(99) / 1e6,
        all.getTotalCount() / (took.toNanos() / 1e9));
  }

  /// Median of each figure over the runs.
  static Latencies median(List<Latencies> runs) {
    return new Latencies(
        middle(runs.stream().map(Latencies::p50Ms).toList()),
        middle(runs.stream().map(Latencies::p99Ms).toList()),
        middle(runs.stream().map(Latencies::perSecond).toList()));
  }

  private static double middle(List<Double> values) {
    List<Double> sorted = values.stream().sorted(Comparator.naturalOrder()).toList();
    return sorted.get(sorted.size() / 2);
  }

  ObjectNode json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("p50Ms", round(p50Ms));
    node.put("p99Ms", round(p99Ms));
    node.put("perSecond", Math.round(perSecond));
    return node;
  }

  static double round(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
