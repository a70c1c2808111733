package dev.nexus.executor.model;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.RequestOptions;
import com.openai.core.Timeout;
import com.openai.errors.OpenAIException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// A model behind an OpenAI-compatible API. A call has one total deadline, which also ends an
/// answer that comes too slowly; it is never repeated here, because the router decides on retries.
public final class OpenAiChatModel implements ChatModel {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /// What a definition's parameters may not replace.
  private static final Set<String> RESERVED = Set.of("model", "messages", "stream", "n");

  private final OpenAIClient client;
  private final PriceTable prices;
  private final ModelFailures failures;

  public OpenAiChatModel(
      String baseUrl, String apiKey, int concurrency, PriceTable prices, Clock clock) {
    this.prices = prices;
    this.failures = new ModelFailures(baseUrl, clock);
    this.client =
        OpenAIOkHttpClient.builder()
            .baseUrl(baseUrl)
            // The client insists on a key; servers without keys ignore it.
            .apiKey(apiKey.isEmpty() ? "none" : apiKey)
            .maxRetries(0)
            .maxIdleConnections(concurrency)
            .keepAliveDuration(Duration.ofMinutes(2))
            .build();
  }

  @Override
  public ChatReply complete(ChatRequest request) throws InterruptedException {
    var options =
        RequestOptions.builder()
            .timeout(
                Timeout.builder()
                    .connect(CONNECT)
                    .read(request.timeout())
                    .write(request.timeout())
                    .request(request.timeout())
                    .build())
            .build();
    try {
      return reply(client.chat().completions().create(parameters(request), options));
    } catch (OpenAIException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while the model answered");
      }
      return failures.of(e, request);
    }
  }

  private static ChatCompletionCreateParams parameters(ChatRequest request) {
    var builder =
        ChatCompletionCreateParams.builder()
            .model(request.model())
            .putAdditionalHeader("traceparent", request.traceparent());
    for (ChatMessage message : request.messages()) {
      switch (message.role()) {
        case SYSTEM -> builder.addSystemMessage(message.text());
        case USER -> builder.addUserMessage(message.text());
        case ASSISTANT -> builder.addAssistantMessage(message.text());
      }
    }
    request
        .parameters()
        .forEach(
            (name, value) -> {
              if (!RESERVED.contains(name)) {
                builder.putAdditionalBodyProperty(name, JsonValue.fromJsonNode(value));
              }
            });
    return builder.build();
  }

  private ChatReply reply(ChatCompletion completion) {
    String model = completion.model();
    Usage usage =
        completion
            .usage()
            .map(
                u ->
                    new Usage(
                        model,
                        u.promptTokens(),
                        u.completionTokens(),
                        prices.costMicros(model, u.promptTokens(), u.completionTokens()),
                        1,
                        Duration.ZERO))
            .orElse(new Usage(model, 0, 0, 0, 1, Duration.ZERO));
    List<ChatCompletion.Choice> choices = completion.choices();
    if (choices.isEmpty()) {
      return failed(FailureClass.INVALID_RESULT, "an answer expected, found no choices", usage);
    }
    var message = choices.getFirst().message();
    if (message.refusal().filter(r -> !r.isBlank()).isPresent()) {
      return failed(FailureClass.REFUSED, "the model refused: " + message.refusal().get(), usage);
    }
    String finish = choices.getFirst().finishReason().asString();
    if (finish.equals("content_filter")) {
      return failed(FailureClass.REFUSED, "the provider's filter withheld the answer", usage);
    }
    if (finish.equals("length")) {
      return failed(FailureClass.INVALID_RESULT, "the answer was cut off: raise max_tokens", usage);
    }
    return message
        .content()
        .<ChatReply>map(text -> new ChatReply.Answered(text, usage))
        .orElseGet(
            () -> failed(FailureClass.INVALID_RESULT, "text expected, found no content", usage));
  }

  private static ChatReply failed(FailureClass failure, String detail, Usage usage) {
    return new ChatReply.Failed(failure, detail, Duration.ZERO, usage);
  }

  @Override
  public void close() {
    client.close();
  }
}
