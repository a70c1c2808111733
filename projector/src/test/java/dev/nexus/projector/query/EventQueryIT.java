package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Event;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.platform.config.Settings;
import dev.nexus.projector.Projections;
import dev.nexus.projector.Running;
import dev.nexus.projector.Story;
import dev.nexus.projector.ingress.OutsideStory;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class EventQueryIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofClass();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();
  @TempDir static Path data;

  private static final EventCodec<IngressEvent> CODEC =
      EventCodec.of(Topic.EVENTS, IngressEvent.class);
  private static final String SHOP = "urn:shop";

  private static Platform platform;
  private static Running running;
  private static String operator;

  @BeforeAll
  static void begin() {
    platform = new Platform(broker, redis, data);
    running =
        new Running(broker.clients(), redis.client(), Projections.decisions(Settings.of(Map.of())));
    operator = platform.key("operator");
    Eventually.value(
        () -> platform.get(operator, "/v1/events").statusCode(), s -> s == 200, "a known key");
    write(OutsideStory.accepted("o-1", SHOP, at(1)));
    write(OutsideStory.matched("o-1", SHOP, 0));
    write(OutsideStory.accepted("o-2", SHOP, at(2)));
    write(OutsideStory.unmatched("o-2", SHOP, 2));
    write(OutsideStory.accepted("o-1", SHOP, at(3)));
    write(OutsideStory.repeated("o-1", SHOP, 4, 0));
    write(OutsideStory.accepted("b-1", "urn:bank", at(4)));
    write(
        OutsideStory.refused(
            "b-1", "urn:bank", 6, "no valid input of shop/orders: " + "x".repeat(900)));
    write(OutsideStory.accepted("o-3", SHOP, at(5)));
    // Of one moment, at places that text would order in another way.
    write(OutsideStory.accepted("t-1", "urn:ties", at(0)));
    write(OutsideStory.accepted("t-2", "urn:ties", at(0)));
    write(OutsideStory.accepted("t-3", "urn:ties", at(0)));
    write(OutsideStory.accepted("o-4", "urn:remarked", at(6)));
    write(OutsideStory.remarked("o-4", "urn:remarked", 12, "shop/orders was not evaluated"));
    Eventually.holds(() -> assertThat(places("/v1/events")).hasSize(9));
    Eventually.holds(
        () -> assertThat(places("/v1/events?status=unmatched")).containsExactly("0@12", "0@2"));
  }

  @AfterAll
  static void end() {
    running.close();
    platform.close();
  }

  @Test
  void shouldListEventsByWhatBecameOfThem() {
    assertThat(places("/v1/events"))
        .containsExactly("0@12", "0@8", "0@6", "0@4", "0@2", "0@0", "0@11", "0@10", "0@9");
    assertThat(places("/v1/events?status=matched")).containsExactly("0@0");
    assertThat(places("/v1/events?status=unmatched")).containsExactly("0@12", "0@2");
    assertThat(places("/v1/events?status=duplicate")).containsExactly("0@4");
    assertThat(places("/v1/events?status=refused")).containsExactly("0@6");
    assertThat(places("/v1/events?status=pending")).containsExactly("0@8", "0@11", "0@10", "0@9");
    assertThat(places("/v1/events?source=urn:bank")).containsExactly("0@6");
    assertThat(places("/v1/events?source=urn:shop&id=o-1")).containsExactly("0@4", "0@0");
    assertThat(places("/v1/events?type=com.example.returned")).isEmpty();
    String eventId = json("/v1/events/0@6").path("eventId").asText();
    assertThat(places("/v1/events?eventId=" + eventId)).containsExactly("0@6");
    assertThat(json("/v1/events").path("counts"))
        .isEqualTo(
            CanonicalJson.read("{\"matched\":1,\"unmatched\":2,\"refused\":1,\"duplicate\":1}"));
  }

  @Test
  void shouldListAsRemarkedOnlyWhereATriggerCouldNotBeUsed() {
    assertThat(places("/v1/events?remarked=true")).containsExactly("0@12", "0@6");
    assertThat(places("/v1/events?remarked=true&status=unmatched")).containsExactly("0@12");
    assertThat(json("/v1/events/0@12").path("reason").asText())
        .isEqualTo("shop/orders was not evaluated; the condition of shop/large is not met");
    assertThat(json("/v1/events/0@2").path("reason").asText())
        .isEqualTo("no trigger selects it: no application has one");
  }

  @Test
  void shouldListPageByPage() {
    // When
    JsonNode first = json("/v1/events?limit=2");
    JsonNode second = json("/v1/events?limit=3&cursor=" + first.path("cursor").asText());

    // Then
    assertThat(first.findValuesAsText("place")).containsExactly("0@12", "0@8");
    assertThat(second.findValuesAsText("place")).containsExactly("0@6", "0@4", "0@2");
  }

  @Test
  void shouldListThoseOfOneMomentByTheirPlaceAlsoOverPages() {
    // When
    JsonNode first = json("/v1/events?source=urn:ties&limit=2");
    JsonNode second =
        json("/v1/events?source=urn:ties&limit=2&cursor=" + first.path("cursor").asText());

    // Then
    assertThat(first.findValuesAsText("place")).containsExactly("0@11", "0@10");
    assertThat(second.findValuesAsText("place")).containsExactly("0@9");
  }

  @Test
  void shouldShowAnEventWithItsDataAndWhatWasDecided() {
    // When
    JsonNode matched = json("/v1/events/0@0");
    JsonNode refused = json("/v1/events/0@6");
    JsonNode copy = json("/v1/events/0@4");

    // Then
    assertThat(matched.at("/event/data/data/n").asInt()).isOne();
    assertThat(matched.path("executions")).hasSize(1);
    assertThat(matched.at("/verdict/type").asText()).isEqualTo("EventMatched");
    assertThat(refused.path("reason").asText()).hasSizeLessThan(600);
    assertThat(refused.at("/verdict/data/reasons/0").asText()).hasSizeGreaterThan(900);
    assertThat(copy.path("first").asText()).isEqualTo("0@0");
  }

  @Test
  void shouldSayWhatIsWrongWithAQuestion() {
    assertThat(platform.get(operator, "/v1/events/tomorrow").statusCode()).isEqualTo(404);
    assertThat(platform.get(operator, "/v1/events/0-59").body())
        .contains("no event '0-59': expected partition@offset, such as 0@12; did you mean 0@59?");
    HttpResponse<String> limit = platform.get(operator, "/v1/events?limit=abc");
    assertThat(limit.statusCode()).isEqualTo(400);
    assertThat(limit.body()).contains("limit: expected 1 to 500, found 'abc'");
    HttpResponse<String> unknown = platform.get(operator, "/v1/events?ap=shop");
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(unknown.body()).contains("no parameter 'ap' here").contains("did you mean app");
    HttpResponse<String> app = platform.get(operator, "/v1/events?app=shpo");
    assertThat(app.statusCode()).isEqualTo(404);
    assertThat(app.body()).contains("no application 'shpo'");
    HttpResponse<String> wrong = platform.get(operator, "/v1/events?status=lost");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("unmatched").contains("lost");
  }

  @Test
  void shouldNotDenyThatThereWasAnOlderEvent() {
    // When
    HttpResponse<String> nowhere = platform.get(operator, "/v1/events/0@77");
    String last = json("/v1/events?source=urn:bank&limit=1").path("cursor").asText();

    // Then
    String kept =
        "is among the newest 2000 of each status and partition that are kept for reading"
            + " (NEXUS_PROJECTED_EVENTS); nexus.events has older ones for longer";
    assertThat(nowhere.statusCode()).isEqualTo(404);
    assertThat(CanonicalJson.read(nowhere.body()).path("detail").asText())
        .isEqualTo(
            "no event '0@77' "
                + kept
                + ". A place is PARTITION@OFFSET, as lists of events have it");
    assertThat(note("/v1/events?id=l-1")).isEqualTo("no event of this kind " + kept);
    assertThat(note("/v1/events?source=urn:bank&cursor=" + last))
        .isEqualTo("no older event of this kind " + kept);
    assertThat(note("/v1/events?id=o-1")).isEmpty();
    // All that are not decided yet are found.
    assertThat(note("/v1/events?id=l-1&status=pending")).isEmpty();
  }

  private static String note(String path) {
    return json(path).path("note").asText();
  }

  @Test
  void shouldShowEventsOnlyToWhoMayReadTheirApplication() {
    // Given
    String own = platform.key("app:shop:read");
    String other = platform.key("app:lab:read");
    Eventually.holds(
        () -> assertThat(platform.get(own, "/v1/events?app=shop").statusCode()).isEqualTo(200));

    // Then
    Eventually.holds(
        () -> assertThat(platform.get(other, "/v1/events?app=shop").statusCode()).isEqualTo(403));
    assertThat(platform.get(own, "/v1/events").statusCode()).isEqualTo(403);
    assertThat(platform.get(other, "/v1/events/0@0").statusCode()).isEqualTo(403);
    assertThat(platform.get(own, "/v1/events/0@0").statusCode()).isEqualTo(200);
  }

  @Test
  void shouldHoldInRedisWhatTheLogSays() {
    assertThat(running.verify().differences()).isEmpty();
  }

  private static void write(Event<IngressEvent> event) {
    running.producer().send(CODEC, Topic.EVENTS, 0, "default/event", event).join();
  }

  private static Instant at(int second) {
    return Story.BEGIN.plusSeconds(second);
  }

  private static List<String> places(String path) {
    return json(path).findValuesAsText("place");
  }

  private static JsonNode json(String path) {
    HttpResponse<String> answer = platform.get(operator, path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return CanonicalJson.read(answer.body());
  }
}
