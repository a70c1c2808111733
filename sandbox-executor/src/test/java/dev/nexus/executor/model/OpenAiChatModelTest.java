package dev.nexus.executor.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenAiChatModelTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-11-20T12:00:00Z"), ZoneOffset.UTC);
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private final ModelServer server = new ModelServer();
  private final OpenAiChatModel model =
      new OpenAiChatModel(server.baseUrl(), "key", 4, PriceTable.load(""), NOON);

  @AfterEach
  void close() {
    model.close();
    server.close();
  }

  private static ChatRequest request(Duration timeout) {
    return new ChatRequest(
        "gpt-4o-mini",
        List.of(ChatMessage.system("be brief"), ChatMessage.user("hello")),
        Map.of("temperature", CanonicalJson.read("0.5"), "model", CanonicalJson.read("\"other\"")),
        timeout,
        TRACE);
  }

  private ChatReply complete() throws InterruptedException {
    return model.complete(request(Duration.ofMinutes(2)));
  }

  private ChatReply.Failed failed() throws InterruptedException {
    ChatReply reply = complete();
    assertThat(reply).isInstanceOf(ChatReply.Failed.class);
    return (ChatReply.Failed) reply;
  }

  @Test
  void shouldAnswerWithTokensAndCost() throws InterruptedException {
    server.thenText("hi");

    var reply = complete();

    // 10 * 0.15 + 5 * 0.60 micros, rounded up.
    assertThat(reply)
        .isEqualTo(
            new ChatReply.Answered(
                "hi", new Usage("gpt-4o-mini-2024-07-18", 10, 5, 5, 1, Duration.ZERO)));
    JsonNode sent = server.requests().getFirst();
    assertThat(sent.get("model").asText()).isEqualTo("gpt-4o-mini");
    assertThat(sent.get("temperature").asDouble()).isEqualTo(0.5);
    assertThat(sent.get("messages").findValuesAsText("content"))
        .containsExactly("be brief", "hello");
  }

  @Test
  void shouldTellTheModelWhichTraceItsAnswerBelongsTo() throws InterruptedException {
    server.thenText("hi");

    complete();

    var sent = server.headers().getFirst();
    assertThat(sent.get("traceparent")).containsExactly(TRACE);
    assertThat(sent.get("tracestate")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "400, REFUSED",
    "401, PERMISSION",
    "403, PERMISSION",
    "404, INVALID_DEFINITION",
    "408, TIMEOUT",
    "409, UPSTREAM",
    "422, REFUSED",
    "429, RATE_LIMITED",
    "500, UPSTREAM",
    "503, UPSTREAM"
  })
  void shouldTellStatusesApart(int status, FailureClass expected) throws InterruptedException {
    server.thenStatus(status, Map.of());

    var failed = failed();

    assertThat(failed.failure()).isEqualTo(expected);
    assertThat(failed.detail()).contains("answered " + status, "no luck");
    assertThat(server.requests()).as("it does not retry by itself").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "retry-after | 7 | PT7S",
        "retry-after | 0.5 | PT0.5S",
        "retry-after-ms | 250 | PT0.25S",
        "retry-after | Fri, 20 Nov 2026 12:00:30 GMT | PT30S",
        "retry-after | Fri, 20 Nov 2026 11:00:00 GMT | PT0S",
        "retry-after | 86400 | PT10M",
        "retry-after | soon | PT0S",
      })
  void shouldPassOnWhenToComeBack(String header, String value, Duration expected)
      throws InterruptedException {
    server.thenStatus(429, Map.of(header, value));

    assertThat(failed().retryAfter()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"<html>hello</html>", "{\"choices\":[]}", "{}", "[1]", "{\"choices\":[{\"x\":1}]}"})
  void shouldRefuseMalformedAnswers(String body) throws InterruptedException {
    server.thenJson(body);

    assertThat(failed().failure()).isEqualTo(FailureClass.INVALID_RESULT);
  }

  @Test
  void shouldTellRefusalsAndCutAnswersApart() throws InterruptedException {
    server
        .thenJson(ModelServer.completion("", "stop", "I would rather not"))
        .thenJson(ModelServer.completion("half an ans", "length", null))
        .thenJson(ModelServer.completion("", "content_filter", null));

    var refused = failed();
    assertThat(refused.failure()).isEqualTo(FailureClass.REFUSED);
    assertThat(refused.detail()).contains("I would rather not");
    assertThat(refused.usage().promptTokens()).isEqualTo(10);
    assertThat(failed().failure()).isEqualTo(FailureClass.INVALID_RESULT);
    assertThat(failed().failure()).isEqualTo(FailureClass.REFUSED);
  }

  @Test
  void shouldGiveUpOnSilence() throws InterruptedException {
    server.thenSilence();

    var reply = (ChatReply.Failed) model.complete(request(Duration.ofMillis(200)));

    assertThat(reply.failure()).isEqualTo(FailureClass.TIMEOUT);
    assertThat(reply.detail()).contains("within 200 ms");
  }

  @Test
  void shouldGiveUpOnAnAnswerThatNeverEnds() throws InterruptedException {
    server.thenDribble();

    var reply = (ChatReply.Failed) model.complete(request(Duration.ofMillis(300)));

    assertThat(reply.failure()).isEqualTo(FailureClass.TIMEOUT);
  }

  @Test
  void shouldTellABrokenConnectionFromATimeout() throws InterruptedException {
    server.then(
        exchange -> {
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write('{');
          exchange.close();
        });

    assertThat(failed().failure()).isEqualTo(FailureClass.UPSTREAM);
  }

  @Test
  void shouldSayThatNobodyListens() throws Exception {
    try (var nobody = new OpenAiChatModel(unusedUrl(), "", 1, PriceTable.load(""), NOON)) {
      var reply = (ChatReply.Failed) nobody.complete(request(Duration.ofMinutes(1)));

      assertThat(reply.failure()).isEqualTo(FailureClass.UNREACHABLE);
      assertThat(reply.detail()).contains("cannot be reached");
      assertThat(reply.usage().modelCalls()).isZero();
    }
  }

  private static String unusedUrl() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return "http://127.0.0.1:" + socket.getLocalPort() + "/v1";
    }
  }

  @Test
  void shouldEndAtOnceWhenItsVirtualThreadIsInterrupted() throws InterruptedException {
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread caller =
        Thread.ofVirtual()
            .unstarted(
                () -> {
                  try {
                    model.complete(request(Duration.ofSeconds(60)));
                  } catch (Throwable e) {
                    end.set(e);
                  }
                });
    server.thenSilenceAfter(caller::interrupt);

    caller.start();

    assertThat(caller.join(Duration.ofMinutes(2))).isTrue();
    assertThat(end.get()).isInstanceOf(InterruptedException.class);
  }
}
