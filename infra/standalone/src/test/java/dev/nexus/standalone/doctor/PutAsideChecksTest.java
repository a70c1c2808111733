package dev.nexus.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.doctor.Finding.Verdict;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.standalone.run.RunFile;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is said of what waits for a person, by what a service answers.
class PutAsideChecksTest {
  private static final Instant NOW = Instant.parse("2026-03-04T12:00:00Z");
  private static final String NO_EXECUTIONS = "{\"executions\": []}";
  private static final String NO_LETTERS = "{\"deadLetters\": []}";

  /// A service that answers these, and what it was asked.
  private record Answering(String executions, String letters, List<String> asked)
      implements PutAsideChecks.Service {
    Answering(String executions, String letters) {
      this(executions, letters, new ArrayList<>());
    }

    @Override
    public JsonNode answer(String path) throws UnansweredException {
      asked.add(path);
      String answer = path.startsWith("/v1/executions") ? executions : letters;
      if (answer.isEmpty()) {
        throw new UnansweredException("nothing answers at http://127.0.0.1:1");
      }
      return CanonicalJson.read(answer);
    }

    @Override
    public String command(String verb) {
      return "./nexus " + verb + " --data /d";
    }
  }

  private static Finding quarantined(String executions) {
    return new PutAsideChecks(new Answering(executions, NO_LETTERS), NOW).all().getFirst();
  }

  private static Finding letters(String letters) {
    return new PutAsideChecks(new Answering(NO_EXECUTIONS, letters), NOW).all().getLast();
  }

  private static String execution(String id, Duration ago) {
    return """
    {"executionId": "%s", "app": "shop", "component": "work", "acceptedAt": "%s"}
    """
        .formatted(id, NOW.minus(ago));
  }

  private static String executions(int count, String more) {
    return IntStream.range(0, count)
        .mapToObj(i -> execution("e" + i, Duration.ofHours(i)))
        .collect(Collectors.joining(",", "{\"executions\": [", "]" + more + "}"));
  }

  private static String letter(String id, Duration ago, String more) {
    return "{\"id\": \"%s\", \"at\": \"%s\", \"reason\": \"no\\nJSON\", \"replayable\": true%s}"
        .formatted(id, NOW.minus(ago), more);
  }

  private static String page(String more, String... letters) {
    return "{\"deadLetters\": [" + String.join(",", letters) + "]" + more + "}";
  }

  @Test
  void shouldAskForOnePageOfEachAndSayGoodOfNone() {
    // Given
    var service = new Answering(NO_EXECUTIONS, NO_LETTERS);

    // When
    List<Finding> found = new PutAsideChecks(service, NOW).all();

    // Then
    assertThat(found)
        .extracting(Finding::line)
        .containsExactly("ok    quarantined: no execution is", "ok    dead letters: none is kept");
    assertThat(service.asked())
        .containsExactly(
            "/v1/executions?status=quarantined&limit=100", "/v1/dead-letters?limit=200");
  }

  @Test
  void shouldNameTheOldestOfThoseThatAreQuarantined() {
    assertThat(quarantined("{\"executions\": [" + execution("e", Duration.ofSeconds(5)) + "]}"))
        .extracting(Finding::line)
        .asString()
        .isEqualTo(
            "warn  quarantined: 1 execution is, accepted 5s ago: e (shop/work) -> ./nexus"
                + " executions get e --data /d says why; then ./nexus executions release e --data"
                + " /d lets it go on, or ./nexus executions discard e --data /d ends it");
    assertThat(quarantined(executions(5, "")).detail())
        .isEqualTo(
            "5 executions are, the oldest accepted 4h ago: e4 (shop/work), e3 (shop/work), e2"
                + " (shop/work), …");
    assertThat(quarantined(executions(100, ", \"cursor\": \"1.e\"")).detail())
        .startsWith(
            "100 executions or more are, the oldest of the newest 100 accepted 4d ago: e99 (");
  }

  @Test
  void shouldWarnOfLettersOfTheLastDayThatWereNotReplayed() {
    // Given
    String fresh = letter("nexus.requests-0@7", Duration.ofHours(3), "");
    String old = letter("nexus.requests-0@6", Duration.ofDays(3), "");
    String replayed =
        letter("nexus.requests-0@5", Duration.ofHours(4), ", \"replayedAt\": \"" + NOW + "\"");

    // Then
    assertThat(letters(page("", fresh, replayed, old)).line())
        .isEqualTo(
            "warn  dead letters: 3 kept, 2 not replayed, 1 of them put aside in the last 24 h; the newest,"
                + " nexus.requests-0@7, 3h ago: no; JSON -> ./nexus dead-letters list --data /d"
                + " names them, ./nexus dead-letters show nexus.requests-0@7 --data /d prints it;"
                + " once the cause is mended, ./nexus dead-letters replay nexus.requests-0@7 --data"
                + " /d has it tried again; what the record itself has wrong, its producer has to"
                + " send again; this warning ends 24 h after the newest that was not replayed");
    assertThat(letters(page("", old, replayed)).line())
        .startsWith(
            "ok    dead letters: 2 kept, 1 not replayed, 0 of them put aside in the last 24 h;");
    assertThat(letters(page("", replayed)).line())
        .isEqualTo("ok    dead letters: 1 kept, all replayed");
    assertThat(letters(page(", \"next\": 3", replayed, fresh)).detail())
        .startsWith("2 or more kept, 1 of the newest 2 not replayed, 1 of them put aside");
  }

  @Test
  void shouldSayWhatToDoWithALetterThatNoReplayHelps() {
    // Given
    String unread =
        letter(
                "nexus.ingress-3@17",
                Duration.ofHours(3),
                ", \"refusal\": \"it could not be read: have its producer send it again\"")
            .replace("true", "false");
    String ofAnOlderService =
        letter("nexus.ingress-3@17", Duration.ofHours(3), "").replace("true", "false");
    String aDayOld = letter("nexus.ingress-3@17", Duration.ofDays(1), "").replace("true", "false");

    // Then
    assertThat(letters(page("", unread)).mend())
        .isEqualTo(
            "./nexus dead-letters list --data /d names them, ./nexus dead-letters show"
                + " nexus.ingress-3@17 --data /d prints it; no replay helps it: it could not be"
                + " read: have its producer send it again; this warning ends 24 h after the newest"
                + " that was not replayed");
    assertThat(letters(page("", ofAnOlderService)).mend())
        .contains("prints it; no replay helps it; this warning ends")
        .doesNotContain("replay nexus");
    assertThat(letters(page("", aDayOld)).line())
        .startsWith("ok    dead letters: 1 kept, 1 not replayed, 0 of them put aside");
  }

  @Test
  void shouldTellOfRecordsThatAreNoLetters() {
    assertThat(
            letters(
                page(", \"strays\": 2, \"newestStray\": {\"record\": \"nexus.dead-letters-0@9\"}")))
        .extracting(Finding::line)
        .asString()
        .isEqualTo(
            "ok    dead letters: none is kept; 2 records passed over that are no letters, the"
                + " newest nexus.dead-letters-0@9");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "null",
        "{\"executions\": [], \"cursor\": \"1.e\"}",
        "{\"executions\": [{}]}"
      })
  void shouldNeverTakeWhatIsNotToldForNone(String answer) {
    // When
    Finding found = quarantined(answer);

    // Then
    assertThat(found.verdict()).isEqualTo(Verdict.DOUBTFUL);
    assertThat(found.detail()).startsWith("not known: ");
    assertThat(letters("").line())
        .isEqualTo(
            "warn  dead letters: not known: nothing answers at http://127.0.0.1:1 -> mend that and"
                + " look again; there may be some meanwhile");
  }

  @Test
  void shouldAskTheServiceThatIsMeant() {
    // Given
    Settings alone = Settings.of(Map.of("NEXUS_HTTP_PORT", "8081"));
    Settings apart =
        Settings.of(
            Map.of("NEXUS_HTTP_PORT", "8081", "NEXUS_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"));
    var addresses = new Addresses("http://127.0.0.1:8080", "", "127.0.0.1:9092", "", true, 0);
    var run = Optional.of(RunFile.ofThisProcess("i", NOW, addresses, alone));

    // Then
    assertThat(ServiceCheck.address(apart, run, "http://named")).hasValue("http://named");
    assertThat(ServiceCheck.address(apart, run, "")).hasValue("http://127.0.0.1:8080");
    assertThat(ServiceCheck.address(apart, Optional.empty(), "")).hasValue("http://127.0.0.1:8081");
    assertThat(ServiceCheck.address(alone, Optional.empty(), "")).isEmpty();
  }
}
