package dev.nexus.executor.model;

import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.measure.Measure;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts the calls to a model, gives each only so much time, and keeps away from the model while
/// it is in trouble: one circuit a model name, for this base URL. Without a bound of its own a call
/// to a model that hangs would use up the time of the whole execution, and never be tried again.
public final class GuardedChatModel implements ChatModel {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedChatModel.class);
  private static final int FAILURES_TO_OPEN = 8;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);

  private final ChatModel model;
  private final String baseUrl;
  private final Duration longestCall;
  private final Clock clock;
  private final MeterRegistry meters;
  private final Map<String, CircuitBreaker> circuits = new ConcurrentHashMap<>();

  public GuardedChatModel(
      ChatModel model, String baseUrl, Duration longestCall, Clock clock, MeterRegistry meters) {
    this.model = model;
    this.baseUrl = baseUrl;
    this.longestCall = longestCall;
    this.clock = clock;
    this.meters = meters;
  }

  @Override
  public ChatReply complete(ChatRequest request) throws InterruptedException {
    CircuitBreaker circuit =
        circuits.computeIfAbsent(
            request.model(), name -> new CircuitBreaker(clock, FAILURES_TO_OPEN, FIRST_PAUSE));
    var refusal = circuit.refusal();
    if (refusal.isPresent()) {
      count(request.model(), "circuit_open");
      return new ChatReply.Failed(
          FailureClass.CIRCUIT_OPEN,
          "model '"
              + request.model()
              + "' at "
              + baseUrl
              + " failed "
              + FAILURES_TO_OPEN
              + " times in a row; the next call is tried in "
              + refusal.get().toMillis()
              + " ms",
          refusal.get(),
          Usage.NONE);
    }
    ChatReply reply;
    try {
      reply = model.complete(request.within(longestCall));
    } catch (InterruptedException | RuntimeException e) {
      circuit.abandoned();
      throw e;
    }
    settle(circuit, request.model(), reply);
    return reply;
  }

  private void settle(CircuitBreaker circuit, String name, ChatReply reply) {
    switch (reply) {
      case ChatReply.Answered(_, var usage) -> {
        circuit.succeeded();
        count(name, "answered");
        spent(name, usage);
      }
      case ChatReply.Failed(var failure, var detail, _, var usage) -> {
        count(name, failure.name().toLowerCase(Locale.ROOT));
        spent(name, usage);
        if (!isTrouble(failure)) {
          circuit.abandoned();
          return;
        }
        boolean wasOpen = circuit.isOpen();
        circuit.failed();
        if (!wasOpen && circuit.isOpen()) {
          LOG.atWarn()
              .addKeyValue("model", name)
              .addKeyValue("baseUrl", baseUrl)
              .addKeyValue("failure", failure)
              .addKeyValue("detail", detail)
              .log("circuit opened");
        }
      }
    }
  }

  private static boolean isTrouble(FailureClass failure) {
    return failure == FailureClass.UPSTREAM
        || failure == FailureClass.UNREACHABLE
        || failure == FailureClass.TIMEOUT;
  }

  @Override
  public void close() {
    model.close();
  }

  private void count(String name, String result) {
    Measure.MODEL_CALLS.counter(meters, name, result).increment();
  }

  /// A call that failed may have been paid for: an answer that was cut off, or withheld.
  private void spent(String name, Usage usage) {
    tokens(name, "prompt", usage.promptTokens());
    tokens(name, "completion", usage.completionTokens());
    Measure.MODEL_COST.counter(meters, name).increment(usage.costMicros());
  }

  private void tokens(String name, String kind, long tokens) {
    Measure.MODEL_TOKENS.counter(meters, name, kind).increment(tokens);
  }
}
