package dev.nexus.standalone.demo;

import dev.nexus.embedded.LoopbackPorts;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.scriptedmodel.triage.DeliverySequence;
import dev.nexus.scriptedmodel.triage.Hook;
import dev.nexus.scriptedmodel.triage.ScriptedModelServer;
import dev.nexus.scriptedmodel.triage.SynthesisScript;
import dev.nexus.scriptedmodel.triage.TriageCorpus;
import dev.nexus.standalone.demo.Story.BrokenOffException;
import dev.nexus.standalone.run.Platform;
import dev.nexus.standalone.run.Progress;
import dev.nexus.standalone.verb.CommandFailedException;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/// The whole idea on real input: the platform in this process, the scripted model beside it, real
/// webhooks over HTTP, and what the log says about it afterwards.
final class Demo {
  private static final Duration LIMIT = Duration.ofSeconds(240);

  private final long seed;
  private final Map<String, String> environment;
  private final Screen screen;
  private final long begun = System.nanoTime();
  private final String secret = UUID.randomUUID().toString();

  /// @param environment `NEXUS_*` variables of the user
  Demo(long seed, Map<String, String> environment, Screen screen) {
    this.seed = seed;
    this.environment = Map.copyOf(environment);
    this.screen = screen;
  }

  /// What is done with the figures while the platform still runs.
  interface Ending {
    void accept(DemoReport report, Platform platform) throws InterruptedException;
  }

  /// Tells the story.
  ///
  /// @param directory data directory; must be empty
  void run(Path directory, Ending ending) throws InterruptedException {
    var synthesis = new SynthesisScript();
    Behaviour behaviour = Behaviour.DEFAULT.withSeed(seed);
    try (ScriptedModel model = ScriptedModelServer.start(behaviour, synthesis, 0)) {
      screen.say(behaviour.describe());
      SampleApplication sample = SampleApplication.copy(directory.resolve("sample"));
      provideSecrets(directory);
      Settings settings = settings(directory, model);
      try (Platform platform = Platform.start(settings, new Progress(screen::say))) {
        screen.say("platform at " + platform.addresses().http());
        apply(sample, directory);
        ending.accept(tell(platform, behaviour, () -> change(sample, directory)), platform);
      }
    }
  }

  private DemoReport tell(Platform platform, Behaviour behaviour, Runnable changePrompt)
      throws InterruptedException {
    var executions = new ExecutionLedger(SampleApplication.APP_ID);
    var oracle = new OracleLedger(SampleApplication.APP_ID, SampleApplication.COMPONENT);
    var clients = new KafkaClients(platform.settings());
    var sequence =
        new DeliverySequence(TriageCorpus.load(), seed, platform.dataDirectory().toString());
    try (var reader = new LogReader(clients, executions, oracle);
        var corrections = new TruthReporter(clients);
        var hooks = new HookClient(platform.addresses().http(), secret);
        var sender = new Sender(sequence, hooks, corrections, executions)) {
      var story = new Story(sender, executions, oracle, screen, LIMIT);
      story.run(changePrompt);
      reader.settle();
    } catch (BrokenOffException e) {
      throw new CommandFailedException("the demonstration broke off: " + e.getMessage(), e);
    }
    return DemoReport.of(
        executions,
        oracle,
        TopicCounts.read(clients),
        behaviour.describe(),
        Duration.ofNanos(System.nanoTime() - begun));
  }

  private Settings settings(Path directory, ScriptedModel model) {
    Map<String, String> wanted = new HashMap<>(environment);
    wanted.put(Setting.DATA_DIR.variable(), directory.toString());
    wanted.put(Setting.LLM_BASE_URL.variable(), model.baseUrl().toString());
    wanted.put(Setting.LLM_API_KEY.variable(), "none");
    wanted.put(Setting.LLM_MODEL.variable(), ScriptedModel.NAME);
    Settings settings = Settings.of(wanted);
    for (Setting port : new Setting[] {Setting.HTTP_PORT, Setting.GRPC_PORT}) {
      // A platform that runs already keeps its ports; the demonstration takes others.
      if (!environment.containsKey(port.variable())
          && !LoopbackPorts.isFree(settings.number(port))) {
        settings = settings.with(port, "0");
      }
    }
    return settings;
  }

  /// The secret both hooks are signed with, where the definition's references point.
  private void provideSecrets(Path directory) {
    try {
      Path secrets = Files.createDirectories(directory.resolve("secrets"));
      for (Hook hook : Hook.values()) {
        Files.writeString(secrets.resolve("github-" + hook.integrationId()), secret);
      }
    } catch (IOException e) {
      throw new CommandFailedException("secrets cannot be written under " + directory, e);
    }
  }

  private void change(SampleApplication sample, Path directory) {
    sample.changePrompt();
    apply(sample, directory);
  }

  /// Publishes the sample as a person would: with `nexus apply`.
  private void apply(SampleApplication sample, Path directory) {
    var out = new StringWriter();
    var terminal = new Terminal(new PrintWriter(out), new PrintWriter(out), environment);
    int exit =
        Verbs.run(terminal, "apply", sample.directory().toString(), "--data", directory.toString());
    if (exit != 0) {
      throw new CommandFailedException("the sample was not published: " + out.toString().strip());
    }
  }
}
