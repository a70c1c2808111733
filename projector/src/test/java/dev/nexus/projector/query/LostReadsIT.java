package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.projector.Story;
import dev.nexus.projector.ingress.OutsideStory;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Redis loses what queries read: until it is there again they say so, and deny nothing.
class LostReadsIT {
  private static final RedisExtension redis = RedisExtension.empty();

  @RegisterExtension
  static final ServedProjector served = ServedProjector.on(BrokerExtension.ofClass(), redis);

  private static final EventCodec<IngressEvent> EVENTS =
      EventCodec.of(Topic.EVENTS, IngressEvent.class);

  private static final Story KNOWN = Story.of("known").answeredByModel("classify", "1").truth("1");

  private static final List<String> PATHS =
      List.of(
          "/v1/executions/" + KNOWN.id(),
          "/v1/executions?limit=3",
          "/v1/executions?app=triage&limit=3",
          "/v1/apps/triage/components/classify/stats",
          "/v1/events",
          "/v1/events/0@0");

  @BeforeAll
  static void begin() {
    // An installation whose log is empty answers too.
    Eventually.value(() -> served.get("/v1/events").statusCode(), s -> s == 200, "no events");
    served.writer().writeStories("many", 1_500);
    served.write(KNOWN.facts());
    write(OutsideStory.accepted("o-1", "urn:shop", Story.BEGIN));
    write(OutsideStory.unmatched("o-1", "urn:shop", 0));
    Eventually.holds(
        () -> {
          assertThat(served.get(PATHS.getFirst() + "?" + served.after(KNOWN)).statusCode())
              .isEqualTo(200);
          HttpResponse<String> summary = served.get("/v1/summary");
          assertThat(CanonicalJson.read(summary.body()).path("requests").asLong()).isEqualTo(1_501);
          assertThat(served.get("/v1/events").body()).contains("\"unmatched\":1");
        });
  }

  private static void write(Event<IngressEvent> event) {
    served.producer().send(EVENTS, Topic.EVENTS, 0, "default/event", event).join();
  }

  private static Map<String, String> answers() {
    Map<String, String> answers = new HashMap<>();
    for (String path : PATHS) {
      HttpResponse<String> answer =
          Eventually.value(() -> served.get(path), a -> a.statusCode() == 200, "GET " + path);
      answers.put(path, answer.body());
    }
    return answers;
  }

  /// A machine that is quick has filled it again before the first look; that a refusal is seen is
  /// sure where the goal is set.
  @Test
  void shouldSayOfNothingThatItDoesNotExistWhenRedisIsWiped() {
    // Given
    Map<String, String> before = answers();
    List<String> other = new ArrayList<>();
    // When
    redis.clear();
    // Then
    Eventually.holds(
        () -> {
          int answered = 0;
          for (String path : PATHS) {
            HttpResponse<String> answer = served.get(path);
            if (answer.statusCode() == 200 && answer.body().equals(before.get(path))) {
              answered++;
            } else if (answer.statusCode() != 503
                || answer.headers().firstValue("Retry-After").isEmpty()) {
              other.add(path + ": " + answer.statusCode() + " " + answer.body());
            }
          }
          HttpResponse<String> summary = served.get("/v1/summary");
          if (summary.statusCode() == 200
              && CanonicalJson.read(summary.body()).path("requests").asLong() != 1_501) {
            other.add(summary.body());
          }
          assertThat(answered).isEqualTo(PATHS.size());
        });
    assertThat(other).isEmpty();
  }

  @Test
  void shouldWaitForATokenWhileRedisIsFilledAgain() {
    // When
    redis.clear();
    // Then what is not visible or folded again within five seconds may be asked for again, and is
    // never denied
    HttpResponse<String> answer =
        Eventually.value(
            () -> served.get(PATHS.getFirst() + "?" + served.after(KNOWN)),
            a -> a.statusCode() != 504 && a.statusCode() != 503,
            "an answer");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("\"status\":\"SUCCEEDED\"");
  }

  @Test
  void shouldSayHowFarItIsAsLongAsAPartitionLacksWhatThereWasToFold() {
    // Given
    Map<String, String> before = answers();
    // When
    setGoals("100000000");
    // Then
    for (String path : PATHS) {
      HttpResponse<String> refused = served.get(path);
      assertThat(refused.statusCode()).as(path + ": " + refused.body()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
      assertThat(refused.body())
          .contains("projection-rebuilding", " of ", "records (0 %)", "Nothing is lost");
    }
    // And when
    setGoals("0");
    // Then
    assertThat(answers()).isEqualTo(before);
  }

  private static void setGoals(String goal) {
    try (var connection = redis.client().connect()) {
      var sync = connection.sync();
      sync.keys("_:*:position").forEach(name -> sync.hset(name, "goal", goal));
    }
  }
}
