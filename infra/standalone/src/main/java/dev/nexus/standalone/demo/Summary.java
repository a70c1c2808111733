package dev.nexus.standalone.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A report in words.
final class Summary {
  private Summary() {}

  static List<String> lines(DemoReport report) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        format(
            "%,d requests, %,d failed, in %.0f s; code served %.0f %%",
            report.totals().requests(),
            report.totals().failed(),
            report.wall().toMillis() / 1000.0,
            report.servedByCode() * 100));
    if (report.slow()) {
      lines.add(
          format(
              "It took longer than the %d s it may take on two idle cores: this machine was busy,"
                  + " slower, or something is wrong.",
              DemoReport.EXPECTED.toSeconds()));
    }
    lines.add("");
    lines.add("  who      answers      p50      p99   agrees with the truth");
    lines.add(tier("model", report.model()));
    lines.add(tier("code", report.code()));
    lines.add("  Times are from acceptance to answer; a prompt also waits for its model permit.");
    lines.add("");
    lines.addAll(story(report));
    lines.addAll(spend(report));
    lines.addAll(evidence(report));
    lines.addAll(events(report));
    lines.add("The model: " + report.modelBehaviour() + ".");
    List<String> differences = report.differences();
    lines.add(
        "All figures above are folded from the log; "
            + (differences.isEmpty()
                ? "the projections say the same."
                : "the projections differ: " + String.join(", ", differences) + "."));
    return lines;
  }

  private static String tier(String name, Served served) {
    return format(
        "  %-6s %,9d %,6d ms %,6d ms   %.1f %% of %,d",
        name,
        served.count(),
        served.p50Ms(),
        served.p99Ms(),
        served.accuracy() * 100,
        served.judged());
  }

  private static List<String> story(DemoReport report) {
    var candidates = report.candidates();
    return List.of(
        format(
            "Candidates: %d proposed, %d rejected, %d promoted, %d demoted. Inputs that code declined"
                + " and the model answered: %,d. Attempts that failed and were made again or given"
                + " up: %,d.",
            candidates.proposed(),
            candidates.rejected(),
            candidates.promoted(),
            candidates.demoted(),
            report.totals().deopts(),
            report.totals().failedAttempts()));
  }

  private static List<String> spend(DemoReport report) {
    var totals = report.totals();
    return List.of(
        format(
            "Tokens: %,d spent (audits %,d, synthesis %,d), %,d saved. Cost: %s spent, %s saved.",
            report.tokensSpent(),
            totals.audits().tokens(),
            totals.oracle().tokens(),
            report.tokensSaved(),
            money(totals.spent().costMicros()),
            money(report.costSavedMicros())));
  }

  private static List<String> evidence(DemoReport report) {
    return report
        .now()
        .verdict()
        .map(
            verdict ->
                List.of(
                    format(
                        "Evidence of the code that serves: %s, alpha %.4f, target %.0f %%; every"
                            + " comparison is a record on nexus.evidence.",
                        StoryLines.evidence(verdict),
                        verdict.alpha(),
                        (1 - verdict.epsilon()) * 100)))
        .orElse(List.of());
  }

  private static List<String> events(DemoReport report) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Events on the log:");
    report
        .eventsByTopic()
        .forEach((topic, count) -> lines.add(format("  %-24s %,9d", topic, count)));
    lines.add("");
    return lines;
  }

  /// Money as the price table counts it, in millionths.
  static String money(long micros) {
    return format("$%.4f", micros / 1_000_000.0);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
