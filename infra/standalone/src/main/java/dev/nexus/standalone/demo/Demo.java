package dev.nexus.standalone.demo;

import dev.nexus.embedded.LoopbackPorts;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.scriptedmodel.triage.DeliverySequence;
import dev.nexus.scriptedmodel.triage.Hook;
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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// The whole idea on real input: the platform in this process, a model beside it, real webhooks
/// over HTTP, and what the log says about it afterwards.
final class Demo {
  /// Time in which log and projections come to say the same.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Path directory;
  private final DemoModel model;
  private final long seed;
  private final Story.Course course;
  private final Map<String, String> environment;
  private final Screen screen;
  private final long begun = System.nanoTime();
  private final String secret = UUID.randomUUID().toString();

  /// @param directory data directory of its own, empty: on an old one the story was told already
  /// @param model what answers prompts; ends with the story
  /// @param seed of the deliveries' order
  /// @param course how long it goes on after its promotions
  /// @param environment `NEXUS_*` variables of the user
  Demo(
      Path directory,
      DemoModel model,
      long seed,
      Story.Course course,
      Map<String, String> environment,
      Screen screen) {
    this.directory = directory;
    this.model = model;
    this.seed = seed;
    this.course = course;
    this.environment = Map.copyOf(environment);
    this.screen = screen;
  }

  /// What is done with the figures while the platform still runs; `brokenOff` says why the story
  /// did not come to its end.
  interface Ending {
    void accept(DemoReport report, Optional<String> brokenOff, Platform platform)
        throws InterruptedException;
  }

  /// Tells the story. `cutShort` is done when the process is told to end, behind the end of Kafka
  /// and Redis.
  void run(Ending ending, Runnable cutShort) throws InterruptedException {
    try (model) {
      screen.say("The model: " + model.description() + ".");
      SampleApplication sample = SampleApplication.copy(directory.resolve("sample"));
      provideSecrets();
      try (Platform platform = Platform.start(settings(), new Progress(screen::say))) {
        // Ctrl-C ends Kafka and Redis as well; closing twice does nothing.
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      platform.close();
                      cutShort.run();
                    },
                    "demo-shutdown"));
        screen.say("Nexus is ready at " + platform.addresses().http());
        apply(sample);
        tell(platform, sample, ending);
      }
    }
  }

  private void tell(Platform platform, SampleApplication sample, Ending ending)
      throws InterruptedException {
    var executions = new ExecutionLedger(SampleApplication.APP_ID);
    var oracle = new OracleLedger(SampleApplication.APP_ID, SampleApplication.COMPONENT);
    var clients = new KafkaClients(platform.settings());
    var sequence = new DeliverySequence(TriageCorpus.load(), seed, directory.toString());
    var lines =
        new StoryLines(
            policy(platform),
            (candidate, fingerprint) ->
                oracle
                    .executionOf(fingerprint)
                    .map(e -> executions.counterexample(e, candidate.candidateHash(), fingerprint))
                    .orElse("input " + fingerprint));
    lines.terms().forEach(screen::say);
    screen.say(conditions(platform));
    screen.say(StoryLines.LEGEND);
    Optional<String> brokenOff = Optional.empty();
    DemoReport report;
    try (var reader = new LogReader(clients, executions, oracle);
        var corrections = new TruthReporter(clients);
        var hooks = new HookClient(platform.addresses().http(), secret);
        var sender = new Sender(sequence, hooks, corrections, executions)) {
      try {
        new Story(sender, executions, oracle, screen, lines, course).run(() -> change(sample));
      } catch (BrokenOffException e) {
        brokenOff = Optional.of(String.valueOf(e.getMessage()));
      }
      Duration wall = Duration.ofNanos(System.nanoTime() - begun);
      long end = System.nanoTime() + PATIENCE.toNanos();
      do {
        // Audits and corrections go on for a moment after the last answer.
        reader.settle();
        report =
            DemoReport.of(
                executions,
                oracle,
                ProjectedFigures.read(platform),
                TopicCounts.read(clients),
                model.description(),
                wall);
      } while (!report.differences().isEmpty() && System.nanoTime() < end);
    }
    ending.accept(report, brokenOff, platform);
  }

  private static String conditions(Platform platform) {
    return "This run: "
        + platform.settings().number(Setting.MODEL_PERMITS)
        + " model permits (prompts answered at the same time), "
        + Sender.OUTSTANDING
        + " deliveries outstanding (sent and not answered yet).";
  }

  /// What the published definition asks of the oracle.
  private static PromotionPolicy policy(Platform platform) throws InterruptedException {
    var catalog = platform.context().getBean(DefinitionCatalog.class);
    for (int look = 0; look < 100; look++) {
      var component =
          catalog
              .current(TenantId.DEFAULT, SampleApplication.APP_ID)
              .flatMap(version -> version.application().component(SampleApplication.COMPONENT));
      if (component.isPresent()) {
        return component.get().promotion();
      }
      Thread.sleep(Duration.ofMillis(100));
    }
    throw new CommandFailedException("the sample was applied and is not on nexus.definitions");
  }

  private Settings settings() {
    Map<String, String> wanted = new HashMap<>(environment);
    wanted.put(Setting.DATA_DIR.variable(), directory.toString());
    wanted.putAll(model.settings(directory));
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
  private void provideSecrets() {
    try {
      Path secrets = Files.createDirectories(directory.resolve("secrets"));
      if (secrets.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rwx------"));
      }
      for (Hook hook : Hook.values()) {
        Files.writeString(secrets.resolve("github-" + hook.integrationId()), secret);
      }
    } catch (IOException e) {
      throw new CommandFailedException("secrets cannot be written under " + directory, e);
    }
  }

  private void change(SampleApplication sample) {
    sample.changePrompt();
    apply(sample);
  }

  /// Publishes the sample as a person would: with `nexus apply`.
  private void apply(SampleApplication sample) {
    var out = new StringWriter();
    var terminal = new Terminal(new PrintWriter(out), new PrintWriter(out), environment);
    int exit =
        Verbs.run(terminal, "apply", sample.directory().toString(), "--data", directory.toString());
    if (exit != 0) {
      throw new CommandFailedException("the sample was not published: " + out.toString().strip());
    }
  }
}
