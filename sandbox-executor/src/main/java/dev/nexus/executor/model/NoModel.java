package dev.nexus.executor.model;

import dev.nexus.event.task.FailureClass;
import dev.nexus.platform.config.Setting;

/// Stands where no model is configured and says what to do about it.
public final class NoModel implements ChatModel {
  /// What it says.
  public static final String WHY =
      "no model is configured: set "
          + Setting.LLM_BASE_URL.variable()
          + " to an OpenAI-compatible API (with /v1), "
          + Setting.LLM_API_KEY.variable()
          + " and "
          + Setting.LLM_MODEL.variable()
          + ", and start again";

  @Override
  public ChatReply complete(ChatRequest request) {
    return ChatReply.Failed.of(FailureClass.REFUSED, WHY);
  }
}
