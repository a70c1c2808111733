package dev.nexus.standalone.demo;

import dev.nexus.topic.Topic;
import java.util.ArrayList;
import java.util.Arrays;
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
    lines.add(
        format(
            "  Times are from acceptance to answer, with %d requests under way at once on this"
                + " machine; a prompt also waits for its model permit.",
            Sender.OUTSTANDING));
    lines.add("");
    lines.addAll(story(report));
    lines.addAll(spend(report));
    lines.addAll(evidence(report));
    lines.addAll(events(report));
    lines.add("The model: " + report.modelBehaviour() + ".");
    List<String> differences = report.differences();
    lines.add(
        "All figures above are computed from the log; "
            + (differences.isEmpty()
                ? "the projections in Redis say the same of all but times, evidence and records."
                : "the projections in Redis differ: " + String.join(", ", differences) + "."));
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
    var totals = report.totals();
    return List.of(
        format(
            "Candidates: %d proposed, %d rejected, %d promoted, %d demoted. Inputs that code declined"
                + " and the model answered: %,d.",
            candidates.proposed(),
            candidates.rejected(),
            candidates.promoted(),
            candidates.demoted(),
            totals.deopts()),
        format(
            "Attempts at tasks that failed: %,d. The router makes an attempt again; callers saw %,d"
                + " requests fail.",
            totals.failedAttempts(), totals.failed()),
        format(
            "Audits: %,d answers of code were answered by the model too, for comparison.",
            totals.audits().count()));
  }

  private static List<String> spend(DemoReport report) {
    var totals = report.totals();
    return List.of(
        format(
            "Tokens: %,d spent (audits %,d, writing code %,d), %,d saved. Cost: %s spent, %s saved.",
            report.tokensSpent(),
            totals.audits().usage().tokens(),
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
                        "Evidence of the code that serves: %s (its part of alpha %.2f %%, target"
                            + " %.0f %%); every comparison is a record on nexus.evidence.",
                        StoryLines.evidence(verdict),
                        verdict.alpha() * 100,
                        (1 - verdict.epsilon()) * 100)))
        .orElse(List.of());
  }

  private static List<String> events(DemoReport report) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Events on the log:");
    report
        .eventsByTopic()
        .forEach(
            (topic, count) ->
                lines.add(
                    format("  %-20s %,8d  %s", topic, count, meaning(topic)).stripTrailing()));
    lines.add("");
    return lines;
  }

  /// What the demonstration's records on a topic are; a topic may have a prefix.
  private static String meaning(String name) {
    return Arrays.stream(Topic.values())
        .filter(topic -> name.endsWith(topic.topicName()))
        .findFirst()
        .map(Summary::meaning)
        .orElse("");
  }

  private static String meaning(Topic topic) {
    return switch (topic) {
      case INGRESS -> "two a request: the webhook, and later its right answer";
      case REQUESTS -> "calls and right answers for the router, and what the oracle asks for";
      case EXECUTIONS -> "facts: what happened in each execution, in order";
      case TASKS_MODEL -> "prompts for the model: answers, audits, repeated attempts, code wanted";
      case TASKS_CODE -> "code to run: answers, trial runs, runs in shadow";
      case TASKS_CONTAINER, TASKS_TOOL, TASK_CONTROL -> "";
      case OUTCOMES -> "what executors reported: started, succeeded, declined, failed";
      case REPLIES -> "answers on their way to callers that wait";
      case DEFINITIONS -> "versions of applications, and which one is current";
      case ENTITIES -> "keys and integrations";
      case EVIDENCE -> "comparisons of code with the right answer, also of calls it served";
      case PROMOTIONS -> "decisions of the oracle, with reasons";
      case ROUTES -> "who serves from when on";
      case METRICS -> "time, tokens and cost of each task";
      case SNAPSHOTS -> "what the log need not have any more";
      case LOGS -> "lines that the services logged";
      case SANDBOXES -> "containers that came and went";
      case VALUE_REQUESTS -> "what was asked of runtime values";
      case VALUES -> "runtime values, the newest of each";
      case VALUE_REPLIES -> "answers about runtime values";
      case AUDIT_INTENTS -> "keys issued, calls refused";
      case DEAD_LETTERS -> "records nobody could use";
      case EVENTS -> "two an outside event: let in, and what was decided about it";
    };
  }

  /// Money as the price table counts it, in millionths.
  static String money(long micros) {
    return format("$%.4f", micros / 1_000_000.0);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
