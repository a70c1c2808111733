package dev.nexus.standalone.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Excerpt;
import dev.nexus.platform.config.Settings;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What waits for a person: executions that are quarantined, and records that were put aside. A
/// service is asked for one page of each, so a look costs the same however many there are. Where it
/// does not answer, nothing is known, which is never taken for none.
public final class PutAsideChecks {
  private static final String QUARANTINED = "quarantined";
  private static final String DEAD_LETTERS = "dead letters";

  /// Executions asked for, and letters.
  static final int EXECUTIONS = 100;

  static final int LETTERS = 200;

  /// How many executions a line names.
  private static final int NAMED = 3;

  /// Older letters were there the last time somebody looked, and may never be replayed.
  private static final Duration NEW = Duration.ofDays(1);

  private static final int LONGEST_REASON = 200;

  private final Service service;
  private final Instant now;

  /// The service that is asked.
  public interface Service {
    /// What it answers to a GET.
    JsonNode answer(String path) throws UnansweredException;

    /// A command that asks the same one, for a person to copy.
    String command(String verb);
  }

  PutAsideChecks(Service service, Instant now) {
    this.service = service;
    this.now = now;
  }

  /// A finding about each.
  public static List<Finding> run(Service service) {
    return new PutAsideChecks(service, Instant.now()).all();
  }

  List<Finding> all() {
    return List.of(of(QUARANTINED, this::quarantined), of(DEAD_LETTERS, this::deadLetters));
  }

  private interface Look {
    Finding now() throws UnansweredException;
  }

  private static Finding of(String check, Look look) {
    try {
      return look.now();
    } catch (UnansweredException e) {
      return Finding.doubtful(
          check,
          "not known: " + e.getMessage(),
          "mend that and look again; there may be some meanwhile");
    }
  }

  /// The list is newest first, by when an execution was accepted.
  private Finding quarantined() throws UnansweredException {
    JsonNode answer = service.answer("/v1/executions?status=quarantined&limit=" + EXECUTIONS);
    List<JsonNode> found = list(answer, "executions");
    boolean more = answer.has("cursor");
    if (found.isEmpty()) {
      if (more) {
        throw new UnansweredException("the service has not looked through its whole list");
      }
      return Finding.good(QUARANTINED, "no execution is");
    }
    List<JsonNode> oldest = found.reversed();
    String id = oldest.getFirst().path("executionId").asText();
    return Finding.doubtful(
        QUARANTINED,
        (more
                ? found.size() + " executions or more are, the oldest of the newest " + found.size()
                : Finding.count(found.size(), "execution")
                    + (found.size() == 1 ? " is," : " are, the oldest"))
            + " accepted "
            + age(time(oldest.getFirst(), "acceptedAt"))
            + " ago: "
            + named(oldest),
        service.command("executions get " + id)
            + " says why; then "
            + service.command("executions release " + id)
            + " lets it go on, or "
            + service.command("executions discard " + id)
            + " ends it");
  }

  private static String named(List<JsonNode> executions) {
    Stream<String> names =
        executions.stream()
            .limit(NAMED)
            .map(
                one ->
                    one.path("executionId").asText()
                        + " ("
                        + one.path("app").asText()
                        + "/"
                        + one.path("component").asText()
                        + ")");
    return Stream.concat(names, executions.size() > NAMED ? Stream.of("…") : Stream.of())
        .collect(Collectors.joining(", "));
  }

  /// Asked for without a filter: a service that looks for those that were not replayed may have to
  /// look through the whole topic.
  private Finding deadLetters() throws UnansweredException {
    JsonNode answer = service.answer("/v1/dead-letters?limit=" + LETTERS);
    List<JsonNode> found = list(answer, "deadLetters");
    String strays = strays(answer);
    if (found.isEmpty()) {
      return Finding.good(DEAD_LETTERS, "none is kept" + strays);
    }
    boolean more = answer.has("next");
    List<JsonNode> open = found.stream().filter(letter -> !letter.has("replayedAt")).toList();
    String kept = found.size() + (more ? " or more" : "");
    String of = more ? " of the newest " + found.size() : "";
    if (open.isEmpty()) {
      return Finding.good(DEAD_LETTERS, kept + " kept, all" + of + " replayed" + strays);
    }
    long fresh = 0;
    for (JsonNode letter : open) {
      fresh += Duration.between(time(letter, "at"), now).compareTo(NEW) < 0 ? 1 : 0;
    }
    JsonNode newest = open.getFirst();
    String detail =
        kept
            + " kept, "
            + open.size()
            + of
            + " not replayed, "
            + fresh
            + " of them put aside in the last "
            + NEW.toHours()
            + " h; the newest, "
            + newest.path("id").asText()
            + ", "
            + age(time(newest, "at"))
            + " ago: "
            + reason(newest)
            + strays;
    return fresh == 0
        ? Finding.good(DEAD_LETTERS, detail)
        : Finding.doubtful(DEAD_LETTERS, detail, mend(newest));
  }

  /// Where no replay helps there is nothing to be done here, so it says when the warning ends.
  private String mend(JsonNode letter) {
    String id = letter.path("id").asText();
    String refusal = letter.path("refusal").asText();
    return service.command("dead-letters list")
        + " names them, "
        + service.command("dead-letters show " + id)
        + " prints it; "
        + (letter.path("replayable").asBoolean()
            ? "once the cause is mended, "
                + service.command("dead-letters replay " + id)
                + " has it tried again; what the record itself has wrong, its producer has to send"
                + " again"
            : "no replay helps it" + (refusal.isEmpty() ? "" : ": " + refusal))
        + "; this warning ends "
        + NEW.toHours()
        + " h after the newest that was not replayed";
  }

  private static String strays(JsonNode answer) {
    int strays = answer.path("strays").asInt();
    return strays == 0
        ? ""
        : "; "
            + Finding.count(strays, "record")
            + " passed over that "
            + (strays == 1 ? "is no letter" : "are no letters")
            + ", the newest "
            + answer.at("/newestStray/record").asText();
  }

  private static String reason(JsonNode letter) {
    String reason = letter.path("reason").asText().strip().replaceAll("\\s*\\R\\s*", "; ");
    return Excerpt.of(reason, LONGEST_REASON);
  }

  /// Something else that answers with JSON has none of these either.
  private static List<JsonNode> list(JsonNode answer, String name) throws UnansweredException {
    if (!answer.path(name).isArray()) {
      throw new UnansweredException("the answer has no " + name + ": is this a service of Nexus?");
    }
    return answer.path(name).valueStream().toList();
  }

  private static Instant time(JsonNode one, String name) throws UnansweredException {
    try {
      return Instant.parse(one.path(name).asText());
    } catch (DateTimeException e) {
      throw new UnansweredException("the answer has no time in " + name, e);
    }
  }

  /// In whole units of the largest that fits twice; another clock may be ahead of this one.
  private String age(Instant at) {
    Duration age = Duration.between(at, now);
    for (ChronoUnit unit : List.of(ChronoUnit.DAYS, ChronoUnit.HOURS, ChronoUnit.MINUTES)) {
      if (age.compareTo(unit.getDuration().multipliedBy(2)) >= 0) {
        return Settings.inWords(age.truncatedTo(unit));
      }
    }
    return Settings.inWords(Duration.ofSeconds(Math.max(1, age.toSeconds())));
  }
}
