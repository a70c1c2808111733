package dev.nexus.e2e;

import dev.nexus.scriptedmodel.ScriptedModel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Settings of a platform with a scripted model, at ports of its own.
final class ScriptedSettings {
  /// Work that a killed platform had started is done again after this.
  static final Duration LEASE = Duration.ofSeconds(3);

  private ScriptedSettings() {}

  /// To be added to.
  static Map<String, String> of(ScriptedModel model) {
    return new HashMap<>(
        Map.of(
            "NEXUS_LLM_BASE_URL",
            model.baseUrl().toString(),
            "NEXUS_LLM_MODEL",
            ScriptedModel.NAME,
            "NEXUS_LEASE",
            LEASE.toSeconds() + "s",
            "NEXUS_HTTP_PORT",
            "0",
            "NEXUS_GRPC_PORT",
            "0",
            "NEXUS_KAFKA_PORT",
            "0"));
  }
}
