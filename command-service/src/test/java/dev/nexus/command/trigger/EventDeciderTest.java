package dev.nexus.command.trigger;

import static dev.nexus.command.trigger.Definitions.from;
import static dev.nexus.command.trigger.Definitions.mapping;
import static dev.nexus.command.trigger.Definitions.ordering;
import static dev.nexus.command.trigger.Definitions.trigger;
import static dev.nexus.command.trigger.Definitions.version;
import static dev.nexus.command.trigger.Definitions.when;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.Integration;
import dev.nexus.command.trigger.EventDecider.Decided;
import dev.nexus.event.Envelope;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.PayloadReference;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
import dev.nexus.event.ingress.IngressEvent.EventRefused;
import dev.nexus.event.ingress.IngressEvent.EventUnmatched;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.request.RequestEvent.LineRequested;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventDeciderTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  @TempDir static Path directory;

  @Test
  void shouldStartTheComponentOfATriggerWithTheDataOfTheEvent() {
    // When
    Decided decided =
        decide(event("urn:shop", "o-1", "{\"b\": 1, \"a\": 2}"), of("orders", any("keep")));

    // Then
    assertThat(decided.verdict()).isInstanceOf(EventMatched.class);
    assertThat(triggers(decided)).containsExactly("orders/t-keep");
    assertThat(inputs(decided)).containsExactly("{\"a\":2,\"b\":1}");
    assertThat(executions(decided)).containsExactly(execution("orders", "keep", "urn:shop", "o-1"));
  }

  @Test
  void shouldAskWithTheSameIdsEachTime() {
    // Given
    var version = of("orders", any("keep"));
    EventAccepted event = event("urn:shop", "o-1", "{}");

    // Then
    assertThat(decide(event, version).requests()).isEqualTo(decide(event, version).requests());
  }

  @Test
  void shouldLeaveAnEventUnmatchedThatNoTriggerIsFor() {
    // When
    Decided decided =
        decide(
            event("urn:shop", "o-1", "{}"),
            of("orders", trigger("other", "com.example.returned", "keep")));

    // Then
    assertThat(((EventUnmatched) decided.verdict()).unmet())
        .containsExactly(
            "no trigger selects it: type 'com.example.ordered' (expected 'com.example.returned')"
                + " keeps it from the nearest, orders/other");
    assertThat(((EventUnmatched) decided.verdict()).remarks()).isEmpty();
    assertThat(decided.refusals()).isEmpty();
  }

  @Test
  void shouldSelectByTypeSourceAndSubjectThatMayEndInAStar() {
    // Given
    EventAccepted event = event("urn:shop", "o-1", "{}");

    // Then
    assertThat(started(event, trigger("t", "com.example.*", "c"))).isTrue();
    assertThat(started(event, trigger("t", "*", "c"))).isTrue();
    assertThat(started(event, trigger("t", "com.example", "c"))).isFalse();
    assertThat(started(event, from(any("c"), "urn:*", ""))).isTrue();
    assertThat(started(event, from(any("c"), "urn:shop:eu", ""))).isFalse();
    assertThat(started(event, from(any("c"), "", "lamps/*"))).isTrue();
    assertThat(started(event, from(any("c"), "", "chairs/*"))).isFalse();
  }

  /// Else an application would be started by events its neighbour registered for itself.
  @Test
  void shouldTakeOnlyOwnSourcesWhereATriggerNamesNone() {
    // Given
    EventAccepted foreign = event("urn:bank", "b-1", "{}");

    // Then
    assertThat(decide(foreign, "billing", of("orders", any("keep"))).verdict())
        .isInstanceOf(EventUnmatched.class);
    assertThat(
            decide(foreign, "billing", of("orders", from(any("keep"), "urn:bank", ""))).verdict())
        .isInstanceOf(EventMatched.class);
  }

  @Test
  void shouldStartWhatTheConditionIsTrueFor() {
    // Given
    var large = of("orders", when(any("keep"), "event.data.amount > 100"));

    // Then
    assertThat(decide(event("urn:shop", "o-1", "{\"amount\": 101}"), large).verdict())
        .isInstanceOf(EventMatched.class);
    assertThat(decide(event("urn:shop", "o-2", "{\"amount\": 100}"), large).verdict())
        .isEqualTo(
            new EventUnmatched(
                outside("urn:shop", "o-2"),
                List.of(),
                List.of("the condition of orders/t-keep is not met")));
  }

  @Test
  void shouldSayThatAConditionCouldNotBeEvaluated() {
    // When
    Decided decided =
        decide(
            event("urn:shop", "o-1", "{}"),
            of("orders", when(any("keep"), "event.data.amount > 100")));

    // Then
    assertThat(decided.verdict()).isInstanceOf(EventUnmatched.class);
    assertThat(((EventUnmatched) decided.verdict()).remarks())
        .singleElement()
        .asString()
        .contains("the condition of orders/t-keep was not evaluated", "'amount'");
    assertThat(((EventUnmatched) decided.verdict()).unmet()).isEmpty();
    assertThat(decided.refusals()).isEmpty();
  }

  @Test
  void shouldSayInShortWhatAnEventMadeLong() {
    // Given
    String data = "{\"k\": \"" + "k".repeat(100_000) + "\"}";

    // When
    Decided decided =
        decide(
            event("urn:shop", "o-1", data),
            of("orders", when(any("keep"), "int(event.data.k) > 1")));

    // Then
    assertThat(((EventUnmatched) decided.verdict()).remarks())
        .singleElement()
        .asString()
        .startsWith("the condition of orders/t-keep was not evaluated")
        .hasSizeLessThan(1_100);
  }

  @Test
  void shouldMakeTheInputAsTheTriggerSays() {
    // When
    Decided decided =
        decide(
            event("urn:shop", "o-1", "{\"lines\": [\"a\", \"b\"]}"),
            of(
                "orders",
                mapping(
                    any("strict"),
                    Map.of(
                        "text", "event.id + '/' + event.subject", "n", "size(event.data.lines)"))));

    // Then
    assertThat(inputs(decided)).containsExactly("{\"n\":2,\"text\":\"o-1/lamps/1\"}");
  }

  @Test
  void shouldRefuseAnInputThatTheComponentDoesNotTake() {
    // When
    Decided decided =
        decide(event("urn:shop", "o-1", "{\"text\": 5}"), of("orders", any("strict")));

    // Then
    assertThat(decided.verdict()).isInstanceOf(EventRefused.class);
    assertThat(decided.refusals())
        .singleElement()
        .asString()
        .contains("no valid input of orders/strict", "/text");
  }

  @Test
  void shouldStartAComponentOnceThatSeveralTriggersAreFor() {
    // When
    Decided decided =
        decide(
            event("urn:shop", "o-1", "{}"),
            of(
                "orders",
                when(trigger("a", "*", "keep"), "event.id == 'another'"),
                trigger("b", "*", "keep"),
                trigger("c", "*", "keep"),
                trigger("d", "*", "more")));

    // Then
    assertThat(triggers(decided)).containsExactly("orders/b", "orders/d");
  }

  @Test
  void shouldStartWhatCanBeStartedAndSayWhatCannot() {
    // When
    Decided decided =
        decide(event("urn:shop", "o-1", "{}"), of("orders", any("keep"), any("strict")));

    // Then
    assertThat(triggers(decided)).containsExactly("orders/t-keep");
    assertThat(((EventMatched) decided.verdict()).remarks()).hasSize(1);
    assertThat(decided.refusals()).hasSize(1);
  }

  @Test
  void shouldReportATruthToWhatTheEventMayHaveStarted() {
    // When
    Decided decided =
        decide(
            truth("{\"id\": \"o-1\", \"output\": 7}"),
            of("orders", when(any("keep"), "event.data.amount > 100")));

    // Then
    assertThat(executions(decided)).containsExactly(execution("orders", "keep", "urn:shop", "o-1"));
    assertThat(decided.requests().getFirst().body()).isEqualTo(new TruthSubmitted(new Json("7")));
  }

  @Test
  void shouldRefuseATruthAboutNothingOrWhatIsNotItsOwn() {
    assertThat(decide(truth("{\"output\": 7}"), of("orders", any("keep"))).verdict())
        .isInstanceOf(EventRefused.class);
    // Whoever may invoke one application must not decide the comparisons of another either.
    for (String source : List.of("urn:who", "urn:bank")) {
      String about = "{\"id\": \"o-1\", \"source\": \"" + source + "\", \"output\": 7}";
      assertThat(decide(truth(about), of("billing", any("keep"))).refusals())
          .singleElement()
          .asString()
          .contains("'" + source + "'");
    }
  }

  /// No trigger is needed for the truth itself, so whoever reads this must not look for one.
  @Test
  void shouldSayWhatATruthThatIsAboutNothingIsAbout() {
    // Given
    var returned = of("orders", trigger("t", "com.example.returned", "keep"));
    String about = "{\"id\": \"o-1\", \"output\": 7, \"type\": \"com.example.ordered\"}";

    // Then
    assertThat(decide(truth(about), returned).verdict())
        .isInstanceOfSatisfying(
            EventUnmatched.class,
            verdict ->
                assertThat(verdict.unmet())
                    .containsExactly(
                        "the truth is about nothing: no trigger selects events of source"
                            + " 'urn:shop' and type 'com.example.ordered'"));
    assertThat(decide(truth("{\"id\": \"o-1\", \"output\": 7}"), of("orders")).verdict())
        .isInstanceOfSatisfying(
            EventUnmatched.class,
            verdict ->
                assertThat(verdict.unmet())
                    .containsExactly(
                        "the truth is about nothing: no trigger selects events of source"
                            + " 'urn:shop'"));
  }

  @Test
  void shouldPutWhatItStartsIntoTheLineOfItsValue() {
    // Given
    var ordered = of("orders", ordering(any("keep"), "event.data.shop"));

    // When
    Decided decided = decide(event("urn:shop", "o-1", "{\"shop\": 7}"), ordered);
    Decided sameShop = decide(event("urn:shop", "o-2", "{\"shop\": 7}"), ordered);
    Decided otherShop = decide(event("urn:shop", "o-3", "{\"shop\": \"7\"}"), ordered);

    // Then: a start, and behind it a place in the line
    assertThat(decided.requests()).hasSize(2);
    Line line = ((InvokeRequested) decided.requests().getFirst().body()).line();
    assertThat(line.lineName()).isEqualTo("orders/t-keep 7");
    var place = decided.requests().getLast();
    assertThat(place.envelope().execution()).isEqualTo(line.id());
    assertThat(place.body())
        .isEqualTo(
            new LineRequested(decided.requests().getFirst().envelope().execution(), NOON, -1));
    assertThat(executions(decided)).hasSize(1);
    assertThat(sameShop.requests().getLast().envelope().execution()).isEqualTo(line.id());
    assertThat(otherShop.requests().getLast().envelope().execution()).isNotEqualTo(line.id());
  }

  /// No subject is a subject of its own, unless the expression says otherwise.
  @Test
  void shouldPutEventsWithoutASubjectIntoOneLineUnlessToldOtherwise() {
    // Given
    var bySubject = of("orders", ordering(any("keep"), "event.subject"));
    var apart =
        of("orders", ordering(any("keep"), "event.subject == '' ? event.id : event.subject"));

    // When
    List<String> together =
        Stream.of("o-1", "o-2").map(id -> line(decide(withoutSubject(id), bySubject))).toList();
    List<String> each =
        Stream.of("o-1", "o-2").map(id -> line(decide(withoutSubject(id), apart))).toList();

    // Then
    assertThat(together).containsOnly("orders/t-keep \"\"");
    assertThat(each).containsExactly("orders/t-keep \"o-1\"", "orders/t-keep \"o-2\"");
  }

  private static EventAccepted withoutSubject(String id) {
    var outside = new Outside("shop", "urn:shop", id, "com.example.ordered", "", NOON);
    return new EventAccepted(outside, new Json("{}"));
  }

  private static String line(Decided decided) {
    return ((InvokeRequested) decided.requests().getFirst().body()).line().lineName();
  }

  @Test
  void shouldRefuseAnEventThatHasNoValueToOrderBy() {
    // When
    Decided decided =
        decide(
            event("urn:shop", "o-1", "{}"), of("orders", ordering(any("keep"), "event.data.shop")));

    // Then
    assertThat(decided.requests()).isEmpty();
    assertThat(decided.refusals())
        .singleElement()
        .asString()
        .startsWith("the orderBy of orders/t-keep was not evaluated");
  }

  /// Data that is kept beside the log is what expressions and schemas see, as far as they read it.
  @Test
  void shouldStartWhatIsForLargeDataWithItsReference() {
    // Given
    String data = "{\"text\":\"" + "x".repeat(300_000) + "\"}";
    Json kept = Definitions.payloads(directory).keepInput(Definitions.TENANT, new Json(data));
    EventAccepted large = new EventAccepted(outside("urn:shop", "o-1"), kept);

    // When
    Decided whole = decide(large, of("orders", any("strict")));
    Decided asked = decide(large, of("orders", when(any("keep"), "event.data.text != ''")));

    // Then
    assertThat(whole.verdict()).isInstanceOf(EventMatched.class);
    assertThat(((InvokeRequested) whole.requests().getFirst().body()).input()).isEqualTo(kept);
    assertThat(((EventUnmatched) asked.verdict()).remarks())
        .singleElement()
        .asString()
        .contains("its data has 300011 characters, expressions read at most 262144");
  }

  @Test
  void shouldRefuseAnEventWhoseDataIsGone() {
    // Given
    Json gone = new PayloadReference("a".repeat(64), 300_000).toJson();

    // When
    Decided decided =
        decide(new EventAccepted(outside("urn:shop", "o-1"), gone), of("orders", any("keep")));

    // Then
    assertThat(decided.verdict()).isInstanceOf(EventRefused.class);
    assertThat(decided.refusals()).singleElement().asString().contains("a".repeat(64));
  }

  /// What is damaged stays so, other than a disk that fails: nothing behind the event waits for it.
  @Test
  void shouldRefuseAnEventWhoseDataIsDamaged() throws IOException {
    // Given
    Json data = new Json("\"" + "d".repeat(300_000) + "\"");
    Json kept = Definitions.payloads(directory).keepInput(Definitions.TENANT, data);
    String digest = PayloadReference.in(kept).orElseThrow().sha256();
    try (Stream<Path> files = Files.walk(directory)) {
      Files.writeString(files.filter(f -> f.endsWith(digest)).findFirst().orElseThrow(), "\"e\"");
    }

    // When
    Decided decided =
        decide(new EventAccepted(outside("urn:shop", "o-1"), kept), of("orders", any("keep")));

    // Then
    assertThat(decided.verdict()).isInstanceOf(EventRefused.class);
    assertThat(decided.refusals()).singleElement().asString().contains(digest, "is damaged");
  }

  @Test
  void shouldSayInASentenceWhereTheDataOfAnEventIsNoJson() {
    // Given
    var version = of("orders", any("keep"));

    // When
    Decided start = decide(event("urn:shop", "o-1", "{\"a\": nope}"), version);
    Decided truth = decide(truth("{\"id\": nope}"), version);

    // Then
    assertThat(start.verdict()).isInstanceOf(EventRefused.class);
    assertThat(start.refusals()).containsExactly("JSON expected, found 'nope' at line 1 column 7");
    assertThat(truth.refusals()).containsExactly("JSON expected, found 'nope' at line 1 column 8");
  }

  private static TriggerDefinition any(String component) {
    return trigger("t-" + component, "com.example.ordered", component);
  }

  private static Version of(String appId, TriggerDefinition... all) {
    return version(appId, "digest", all);
  }

  private static boolean started(EventAccepted event, TriggerDefinition trigger) {
    return decide(event, of("orders", trigger)).verdict() instanceof EventMatched;
  }

  private static Decided decide(EventAccepted event, Version current) {
    return decide(event, "orders", current);
  }

  /// @param owner application that registered the integration it came by
  private static Decided decide(EventAccepted event, String owner, Version current) {
    EventDecider.Views views =
        new EventDecider.Views() {
          @Override
          public void await(Duration patience) {}

          @Override
          public List<Version> current(TenantId tenant) {
            return List.of(current);
          }

          @Override
          public Optional<Integration> bySource(String source) {
            return Stream.of(Definitions.SHOP, Definitions.FOREIGN)
                .filter(i -> i.source().equals(source))
                .findFirst();
          }
        };
    Outside outside = event.outside();
    var envelope =
        Envelope.of(
            Intake.eventId(Definitions.TENANT, outside.source(), outside.sourceEventId()),
            NOON,
            Definitions.TENANT,
            owner,
            "integration:shop");
    return new EventDecider(views, new SchemaChecks(), Definitions.payloads(directory))
        .decide(envelope, event);
  }

  private static Outside outside(String source, String id) {
    return new Outside("shop", source, id, "com.example.ordered", "lamps/1", NOON);
  }

  private static EventAccepted event(String source, String id, String data) {
    return new EventAccepted(outside(source, id), new Json(data));
  }

  private static EventAccepted truth(String data) {
    return new EventAccepted(
        new Outside("shop", "urn:shop", "t-1", EventDecider.TRUTH, "", NOON), new Json(data));
  }

  private static List<String> triggers(Decided decided) {
    return ((EventMatched) decided.verdict()).triggers();
  }

  private static List<String> executions(Decided decided) {
    return ((EventMatched) decided.verdict()).executions();
  }

  private static List<String> inputs(Decided decided) {
    return decided.requests().stream()
        .map(r -> CanonicalJson.write(CanonicalJson.read(((InvokeRequested) r.body()).input())))
        .toList();
  }

  private static String execution(String appId, String component, String source, String id) {
    return ExecutionId.ofSource(Definitions.TENANT, appId, component, source, id).toString();
  }
}
