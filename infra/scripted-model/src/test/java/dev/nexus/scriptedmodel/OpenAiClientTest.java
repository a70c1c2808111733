package dev.nexus.scriptedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.nexus.scriptedmodel.triage.ScriptedModelServer;
import dev.nexus.scriptedmodel.triage.SynthesisScript;
import dev.nexus.scriptedmodel.triage.TriageCorpus;
import org.junit.jupiter.api.Test;

/// The client library that the executor uses understands this server.
class OpenAiClientTest {

  @Test
  void shouldServeTheOfficialClient() {
    // Given
    var webhook = TriageCorpus.load().webhooks().getFirst();
    try (var model = ScriptedModelServer.start(Behaviour.flawless(1), new SynthesisScript(), 0)) {
      var client = client(model);
      var params = params("Event " + webhook.event() + ": " + webhook.payload());

      // When
      var completion = client.chat().completions().create(params);
      var streamed = new StringBuilder();
      try (var stream = client.chat().completions().createStreaming(params)) {
        stream.stream()
            .flatMap(chunk -> chunk.choices().stream())
            .forEach(choice -> choice.delta().content().ifPresent(streamed::append));
      }

      // Then
      assertThat(completion.model()).isEqualTo("scripted-model");
      assertThat(completion.choices().getFirst().message().content())
          .contains(JsonText.write(webhook.truth()));
      assertThat(streamed.toString()).isEqualTo(JsonText.write(webhook.truth()));
      assertThat(completion.usage().orElseThrow().totalTokens()).isPositive();
      client.close();
    }
  }

  @Test
  void shouldLimitTheOfficialClient() {
    var webhook = TriageCorpus.load().webhooks().getFirst();
    var behaviour = Behaviour.flawless(1).withRates(new FaultRates(0, 1, 0, 0, 0));
    try (var model = ScriptedModelServer.start(behaviour, new SynthesisScript(), 0)) {
      var client = client(model);

      assertThatThrownBy(
              () -> client.chat().completions().create(params(webhook.payload().toString())))
          .isInstanceOf(RateLimitException.class);
      client.close();
    }
  }

  private static OpenAIClient client(ScriptedModel model) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(model.baseUrl().toString())
        .apiKey("none")
        .maxRetries(0)
        .build();
  }

  private static ChatCompletionCreateParams params(String prompt) {
    return ChatCompletionCreateParams.builder().model("any").addUserMessage(prompt).build();
  }
}
