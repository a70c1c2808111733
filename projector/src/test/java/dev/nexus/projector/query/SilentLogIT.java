package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.projector.Story;
import dev.nexus.projector.ingress.OutsideStory;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.testkit.RelayedBroker;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Queries for what Redis keeps by reference, while brokers take questions and say nothing.
class SilentLogIT {
  private static final EventCodec<IngressEvent> EVENTS =
      EventCodec.of(Topic.EVENTS, IngressEvent.class);
  private static final EventCodec<PromotionEvent> PROMOTIONS =
      EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class);

  private static final String TOO_LARGE_FOR_REDIS = "// " + "x".repeat(20_000);

  /// What each path answers with that only the log has.
  private static final Map<String, String> ANSWERS =
      Map.of(
          "/v1/events/0@0", "EventAccepted",
          "/v1/events/0@0/data", "\"n\":1",
          "/v1/oracle/triage/classify", TOO_LARGE_FOR_REDIS);

  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();
  @TempDir Path log;
  @TempDir Path data;

  @Test
  void shouldNotTakeASilentLogForOneThatLacksTheRecord() throws IOException {
    // Given
    try (RelayedBroker broker = RelayedBroker.start(log);
        Platform platform = new Platform(broker.settings(Map.of()), redis.url(), data);
        EventProducer producer = new EventProducer(broker.clients(), "test")) {
      String operator = platform.key("operator");
      Event<IngressEvent> event = OutsideStory.accepted("o-1", "urn:shop", Story.BEGIN);
      producer.send(EVENTS, Topic.EVENTS, 0, "default/event", event).join();
      String component = Keys.component(Story.TENANT, "triage", "classify");
      producer.send(PROMOTIONS, component, proposed()).join();
      assertAnswered(platform, operator);

      // When
      broker.road().silence();

      // Then
      for (String path : ANSWERS.keySet()) {
        HttpResponse<String> answer = platform.get(operator, path);
        assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(503);
        assertThat(answer.body()).contains("log-unavailable");
        assertThat(answer.headers().firstValue("Retry-After")).as(path).isPresent();
      }

      // When
      broker.road().pass();

      // Then
      assertAnswered(platform, operator);
    }
  }

  private static void assertAnswered(Platform platform, String key) {
    ANSWERS.forEach(
        (path, content) ->
            Eventually.holds(
                () -> {
                  HttpResponse<String> answer = platform.get(key, path);
                  assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(200);
                  assertThat(answer.body()).contains(content);
                }));
  }

  private static Event<PromotionEvent> proposed() {
    Subject subject = new Subject("classify", "identity");
    return new Event<>(
        Envelope.of(
            NameIds.uuid5("decision", "triage"),
            Story.BEGIN,
            Story.TENANT,
            "triage",
            "service:oracle"),
        new CandidateProposed(subject, new Candidate(1, "hash-1"), TOO_LARGE_FOR_REDIS, List.of()));
  }
}
