package dev.nexus.executor.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.task.FailureClass;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GuardedChatModelTest {
  private static final Duration LONGEST_CALL = Duration.ofMinutes(1);
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private final ModelServer server = new ModelServer();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final CircuitBreakerTest.TestClock clock = new CircuitBreakerTest.TestClock();
  private final OpenAiChatModel open =
      new OpenAiChatModel(server.baseUrl(), "", 1, PriceTable.load(""), clock);
  private final GuardedChatModel model =
      new GuardedChatModel(open, server.baseUrl(), LONGEST_CALL, clock, meters);

  @AfterEach
  void close() {
    open.close();
    server.close();
  }

  private ChatReply complete(String name) throws InterruptedException {
    return complete(model, name);
  }

  private static ChatReply complete(GuardedChatModel model, String name)
      throws InterruptedException {
    return model.complete(
        new ChatRequest(
            name, List.of(ChatMessage.user("x")), Map.of(), Duration.ofMinutes(2), TRACE));
  }

  private double calls(String name, String result) {
    var counter = meters.find("nexus.model.calls").tags("model", name, "result", result).counter();
    return counter == null ? 0 : counter.count();
  }

  @Test
  void shouldSpareAModelInTroubleAndNoOther() throws InterruptedException {
    for (int i = 0; i < 8; i++) {
      server.thenStatus(503, Map.of());
      complete("a");
    }

    var refused = (ChatReply.Failed) complete("a");

    assertThat(refused.failure()).isEqualTo(FailureClass.CIRCUIT_OPEN);
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    assertThat(server.requests()).hasSize(8);
    assertThat(calls("a", "upstream")).isEqualTo(8);
    assertThat(calls("a", "circuit_open")).isEqualTo(1);

    server.thenText("fine");
    assertThat(complete("b")).isInstanceOf(ChatReply.Answered.class);

    clock.pass(Duration.ofSeconds(2));
    server.thenText("fine again");
    assertThat(complete("a")).isInstanceOf(ChatReply.Answered.class);
    assertThat(calls("a", "answered")).isEqualTo(1);
  }

  @Test
  void shouldGiveAModelThatHangsLessTimeThanTheExecutionHas() throws InterruptedException {
    server.thenSilence();
    var impatient =
        new GuardedChatModel(open, server.baseUrl(), Duration.ofSeconds(2), clock, meters);

    var failed = (ChatReply.Failed) complete(impatient, "a");

    assertThat(failed.failure()).isEqualTo(FailureClass.TIMEOUT);
    assertThat(failed.detail()).contains("within 2000 ms");
  }

  @Test
  void shouldNotTakeRateLimitsForTrouble() throws InterruptedException {
    for (int i = 0; i < 12; i++) {
      server.thenStatus(429, Map.of());
      assertThat(((ChatReply.Failed) complete("a")).failure()).isEqualTo(FailureClass.RATE_LIMITED);
    }
  }

  /// How a provider can fail.
  enum Trouble {
    RATE_LIMITED("rate_limited", server -> server.thenStatus(429, Map.of())),
    SERVER_ERROR("upstream", server -> server.thenStatus(500, Map.of())),
    MALFORMED("invalid_result", server -> server.thenJson("<html>busy</html>")),
    CUT_OFF(
        "invalid_result",
        server -> server.thenJson(ModelServer.completion("half", "length", null))),
    WITHHELD(
        "refused", server -> server.thenJson(ModelServer.completion("", "content_filter", null))),
    SILENCE("timeout", ModelServer::thenSilence),
    SLOW_STREAM("timeout", ModelServer::thenDribble);

    private final String counted;
    private final Consumer<ModelServer> answer;

    Trouble(String counted, Consumer<ModelServer> answer) {
      this.counted = counted;
      this.answer = answer;
    }

    /// Whether the provider said what the call used, all the same.
    boolean wasPaid() {
      return this == CUT_OFF || this == WITHHELD;
    }
  }

  @ParameterizedTest
  @EnumSource(Trouble.class)
  void shouldCountEveryKindOfFailureAndWhatItUsed(Trouble trouble) throws InterruptedException {
    trouble.answer.accept(server);

    ChatReply reply =
        model.complete(
            new ChatRequest(
                "a",
                List.of(ChatMessage.user("x")),
                Map.of(),
                trouble.counted.equals("timeout") ? Duration.ofMillis(1_500) : LONGEST_CALL,
                TRACE));

    assertThat(reply).isInstanceOf(ChatReply.Failed.class);
    assertThat(calls("a", trouble.counted)).isEqualTo(1);
    assertThat(meters.find("nexus.model.calls").counters()).hasSize(1);
    assertThat(tokens("prompt")).isEqualTo(trouble.wasPaid() ? 10 : 0);
    assertThat(tokens("completion")).isEqualTo(trouble.wasPaid() ? 5 : 0);
    assertThat(reply.usage().modelCalls()).isEqualTo(1);
  }

  private double tokens(String kind) {
    return meters.get("nexus.model.tokens").tags("kind", kind).counter().count();
  }

  /// Its bound on the time makes another question of it.
  @Test
  void shouldLeaveTheTraceOfACallAsItIs() throws InterruptedException {
    server.thenText("x");

    complete("a");

    assertThat(server.headers().getFirst().get("traceparent")).containsExactly(TRACE);
  }

  @Test
  void shouldCountTokensAndCost() throws InterruptedException {
    server.thenText("x");

    complete("a");

    assertThat(meters.get("nexus.model.tokens").tags("kind", "prompt").counter().count())
        .isEqualTo(10);
    assertThat(meters.get("nexus.model.cost.micros").counter().count()).isEqualTo(5);
  }
}
