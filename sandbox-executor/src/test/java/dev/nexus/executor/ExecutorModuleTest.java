package dev.nexus.executor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.executor.model.ChatModel;
import dev.nexus.executor.model.NoModel;
import dev.nexus.platform.config.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExecutorModuleTest {
  private static final Map<String, String> CONFIGURED =
      Map.of("NEXUS_LLM_BASE_URL", "http://127.0.0.1:1/v1");

  private final ExecutorModule module = new ExecutorModule();

  private String unanswered(Map<String, String> environment) {
    try (ChatModel model =
        module.chatModel(Settings.of(environment), Clock.systemUTC(), new SimpleMeterRegistry())) {
      return module.runsPrompts(model).unanswered();
    }
  }

  @Test
  void shouldSayOfPromptsWhatTheModelIs() {
    assertThat(unanswered(Map.of())).isEqualTo(NoModel.WHY);
    assertThat(unanswered(CONFIGURED)).isEmpty();
  }

  /// One that was put in its place, whatever the settings are.
  @Test
  void shouldNotCallAModelMissingThatIsThere() {
    ChatModel own =
        request -> {
          throw new IllegalStateException("not to be asked " + request);
        };

    assertThat(module.runsPrompts(own).unanswered()).isEmpty();
  }
}
