package dev.nexus.standalone.demo;

import dev.nexus.platform.config.Setting;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.scriptedmodel.triage.ScriptedModelServer;
import dev.nexus.scriptedmodel.triage.SynthesisScript;
import dev.nexus.standalone.verb.CommandFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The model of the demonstration: the one the user configured, else the scripted one.
sealed interface DemoModel extends AutoCloseable {
  /// What it is, for a person.
  String description();

  /// Settings that lead the platform to it.
  ///
  /// @param directory where files they need may be written
  Map<String, String> settings(Path directory);

  @Override
  void close();

  static DemoModel of(Map<String, String> environment, long seed) {
    String baseUrl = environment.getOrDefault(Setting.LLM_BASE_URL.variable(), "");
    if (!baseUrl.isEmpty()) {
      return new Configured(
          environment.getOrDefault(Setting.LLM_MODEL.variable(), Setting.LLM_MODEL.defaultValue())
              + " at "
              + baseUrl);
    }
    return scripted(Behaviour.DEFAULT.withSeed(seed));
  }

  static Scripted scripted(Behaviour behaviour) {
    var synthesis = new SynthesisScript();
    return new Scripted(ScriptedModelServer.start(behaviour, synthesis, 0), synthesis);
  }

  /// A model that is really there; its time and its price are its own.
  record Configured(String name) implements DemoModel {
    @Override
    public String description() {
      return "model: " + name;
    }

    @Override
    public Map<String, String> settings(Path directory) {
      return Map.of();
    }

    @Override
    public void close() {}
  }

  /// The scripted model, at a price, so that money can be shown; nobody is charged.
  ///
  /// @param synthesis records what each request for code showed
  record Scripted(ScriptedModel server, SynthesisScript synthesis) implements DemoModel {
    /// Millionths of a dollar per million tokens.
    private static final long PROMPT_PRICE = 150_000;
    private static final long COMPLETION_PRICE = 600_000;

    @Override
    public String description() {
      return server.behaviour().describe()
          + "; priced at $0.15 and $0.60 per million tokens, and nobody is charged";
    }

    @Override
    public Map<String, String> settings(Path directory) {
      Path prices = directory.resolve("prices.json");
      try {
        Files.writeString(
            prices,
            "{\"models\":{\"%s\":{\"prompt\":%d,\"completion\":%d}}}"
                .formatted(ScriptedModel.NAME, PROMPT_PRICE, COMPLETION_PRICE));
      } catch (IOException e) {
        throw new CommandFailedException(prices + " cannot be written: " + e.getMessage(), e);
      }
      return Map.of(
          Setting.LLM_BASE_URL.variable(),
          server.baseUrl().toString(),
          Setting.LLM_API_KEY.variable(),
          "none",
          Setting.LLM_MODEL.variable(),
          ScriptedModel.NAME,
          Setting.LLM_PRICES.variable(),
          prices.toString());
    }

    @Override
    public void close() {
      server.close();
    }
  }
}
