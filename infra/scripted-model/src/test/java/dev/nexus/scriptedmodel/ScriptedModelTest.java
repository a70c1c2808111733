package dev.nexus.scriptedmodel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScriptedModelTest {
  /// Knows `{"n": …}` and doubles it; a mistake is -1.
  private static final Script DOUBLE =
      found ->
          found.stream()
              .filter(value -> value.path("n").isInt())
              .findFirst()
              .map(value -> doubled(value.path("n").asInt()));

  private final HttpClient http = HttpClient.newHttpClient();
  private Optional<ScriptedModel> started = Optional.empty();

  @AfterEach
  void stop() {
    started.ifPresent(ScriptedModel::close);
  }

  @Test
  void shouldAnswerInTheProtocolAndLabelItself() throws Exception {
    // Given
    var model = start(Behaviour.flawless(1));

    // When
    var response = post(model, request("Double the n of {\"n\": 21}, please.", false));

    // Then
    var reply = JsonText.read(response.body());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(reply.path("object").asText()).isEqualTo("chat.completion");
    assertThat(reply.path("model").asText()).isEqualTo("scripted-model");
    assertThat(reply.path("created").asLong()).isEqualTo(1_000);
    assertThat(content(reply)).isEqualTo("{\"result\":42}");
    assertThat(reply.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(reply.at("/usage/completion_tokens").asInt()).isEqualTo(4);
    assertThat(reply.at("/usage/total_tokens").asInt())
        .isEqualTo(reply.at("/usage/prompt_tokens").asInt() + 4);
    assertThat(model.count(Count.ANSWERED)).isEqualTo(1);
  }

  @Test
  void shouldAnswerByInputWhateverTheTemplate() throws Exception {
    var model = start(Behaviour.flawless(1));

    var terse = post(model, request("{\"n\":4}", false));
    var wordy = post(model, request("You {really} must\n```json\n{ \"n\" : 4 }\n```\nNow!", false));

    assertThat(content(JsonText.read(wordy.body())))
        .isEqualTo(content(JsonText.read(terse.body())))
        .isEqualTo("{\"result\":8}");
  }

  @Test
  void shouldReadContentInPartsAndIgnoreItsOwnWords() throws Exception {
    var model = start(Behaviour.flawless(1));
    var body =
        """
        {"messages": [
          {"role": "assistant", "content": "{\\"n\\": 100}"},
          {"role": "user", "content": [{"type": "text", "text": "{\\"n\\": 1}"}]}]}
        """;

    assertThat(content(JsonText.read(post(model, body).body()))).isEqualTo("{\"result\":2}");
  }

  @Test
  void shouldStreamTheSameAnswerInPieces() throws Exception {
    var model = start(Behaviour.flawless(1));

    var response = post(model, request("{\"n\": 1234567}", true));

    var events = response.body().split("\n\n");
    var text = new StringBuilder();
    for (int i = 0; i < events.length - 1; i++) {
      var piece = JsonText.read(events[i].substring("data: ".length()));
      assertThat(piece.path("object").asText()).isEqualTo("chat.completion.chunk");
      assertThat(piece.path("model").asText()).isEqualTo("scripted-model");
      text.append(piece.at("/choices/0/delta/content").asText());
    }
    assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
    assertThat(text.toString()).isEqualTo("{\"result\":2469134}");
    assertThat(events[events.length - 1]).isEqualTo("data: [DONE]");
    var last = JsonText.read(events[events.length - 2].substring("data: ".length()));
    assertThat(last.at("/usage/completion_tokens").asInt()).isPositive();
    assertThat(last.path("choices")).isEmpty();
  }

  @Test
  void shouldMakeNothingUpForAnUnknownInput() throws Exception {
    var model = start(Behaviour.flawless(1));

    var response = post(model, request("What is the meaning of life?", false));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(JsonText.read(response.body()).at("/error/code").asText())
        .isEqualTo("unknown_input");
    assertThat(response.body()).contains("scripted-model");
    assertThat(model.count(Count.UNKNOWN)).isEqualTo(1);
  }

  @Test
  void shouldRefuseWhatIsNoRequest() throws Exception {
    var model = start(Behaviour.flawless(1));

    assertThat(post(model, "{").statusCode()).isEqualTo(400);
    assertThat(post(model, "{\"messages\": []}").body()).contains("messages");
    assertThat(get(model, "/v1/embeddings").statusCode()).isEqualTo(404);
    assertThat(model.count(Count.INVALID)).isEqualTo(2);
  }

  @Test
  void shouldListItself() throws Exception {
    var model = start(Behaviour.flawless(1));

    var reply = JsonText.read(get(model, "/v1/models").body());

    assertThat(reply.at("/data/0/id").asText()).isEqualTo("scripted-model");
  }

  @Test
  void shouldFailAsModelsDo() throws Exception {
    var limited = start(behaviour(new FaultRates(0, 1, 0, 0, 0)));
    var limitedReply = post(limited, request("{\"n\": 1}", false));
    assertThat(limitedReply.statusCode()).isEqualTo(429);
    assertThat(limitedReply.headers().firstValue("Retry-After")).contains("1");
    assertThat(limited.count(Count.RATE_LIMITED)).isEqualTo(1);
    limited.close();

    var failing = start(behaviour(new FaultRates(0, 0, 1, 0, 0)));
    assertThat(post(failing, request("{\"n\": 1}", true)).statusCode()).isIn(500, 502, 503);
    failing.close();

    var malformed = start(behaviour(new FaultRates(0, 0, 0, 1, 0)));
    var malformedReply = post(malformed, request("{\"n\": 1}", false));
    assertThat(malformedReply.statusCode()).isEqualTo(200);
    assertThat(content(JsonText.read(malformedReply.body()))).isNotEqualTo("{\"result\":2}");
    malformed.close();

    var wrong = start(behaviour(new FaultRates(1, 0, 0, 0, 0)));
    assertThat(content(JsonText.read(post(wrong, request("{\"n\": 1}", false)).body())))
        .isEqualTo("{\"result\":-1}");
    assertThat(wrong.count(Count.WRONG)).isEqualTo(1);
  }

  @Test
  void shouldTakeLongerWhenSlow() throws Exception {
    var settings =
        behaviour(new FaultRates(0, 0, 0, 0, 1)).withMedianLatency(Duration.ofMillis(10));
    var model =
        start(new Behaviour(settings.seed(), settings.medianLatency(), 0, 20, settings.rates()));

    long before = System.nanoTime();
    var response = post(model, request("{\"n\": 1}", true));

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(180));
    assertThat(response.body()).endsWith("data: [DONE]\n\n");
    assertThat(model.count(Count.SLOW)).isEqualTo(1);
  }

  @Test
  void shouldBehaveTheSameForTheSameSeed() throws Exception {
    var settings = behaviour(new FaultRates(0.2, 0.2, 0.1, 0.1, 0));

    assertThat(answers(settings)).isEqualTo(answers(settings));
    assertThat(answers(settings)).isNotEqualTo(answers(settings.withSeed(99)));
  }

  private List<String> answers(Behaviour behaviour) {
    try (var model = start(behaviour)) {
      // Each input is asked twice: the second call may go another way.
      return IntStream.range(0, 60)
          .mapToObj(i -> post(model, request("{\"n\": " + i % 30 + "}", false)))
          .map(response -> response.statusCode() + " " + response.body())
          .toList();
    }
  }

  private static Behaviour behaviour(FaultRates rates) {
    return Behaviour.flawless(11).withRates(rates);
  }

  private ScriptedModel start(Behaviour behaviour) {
    var model =
        ScriptedModel.builder()
            .behaviour(behaviour)
            .script(DOUBLE)
            .clock(Clock.fixed(Instant.ofEpochSecond(1_000), ZoneOffset.UTC))
            .start();
    started = Optional.of(model);
    return model;
  }

  private static ScriptedAnswer doubled(int n) {
    JsonNode input = JsonNodeFactory.instance.numberNode(n);
    return new ScriptedAnswer(JsonText.fingerprint(input), result(2 * n), List.of(result(-1)));
  }

  private static JsonNode result(int value) {
    return JsonNodeFactory.instance.objectNode().put("result", value);
  }

  private static String content(JsonNode reply) {
    return reply.at("/choices/0/message/content").asText();
  }

  private static String request(String prompt, boolean stream) {
    var request = JsonNodeFactory.instance.objectNode().put("model", "any").put("stream", stream);
    request.putObject("stream_options").put("include_usage", true);
    request.putArray("messages").addObject().put("role", "user").put("content", prompt);
    return JsonText.write(request);
  }

  private HttpResponse<String> post(ScriptedModel model, String body) {
    return send(
        HttpRequest.newBuilder(URI.create(model.baseUrl() + "/chat/completions"))
            .POST(BodyPublishers.ofString(body)));
  }

  private HttpResponse<String> get(ScriptedModel model, String path) {
    return send(HttpRequest.newBuilder(model.baseUrl().resolve(path)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
