package dev.nexus.bench;

import dev.nexus.command.topology.Router;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.Executor;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.Work;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.observe.Logs;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.standalone.run.ChildPlatform;
import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/// A part of a platform, here or in a process of its own that can be killed and measured. Such a
/// process says in one line when it is at work, and ends when its parent does.
final class PartProcess implements AutoCloseable {
  private static final String AT_WORK = "at work";
  private static final String MEASURE = "measure";
  private static final String HEAP = "heap ";

  /// A router folds some 80,000 facts a second before it is at work.
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  private final Process process;
  private final BufferedReader lines;

  private PartProcess(Process process) {
    this.process = process;
    this.lines = process.inputReader();
  }

  /// What a process may be.
  enum Part {
    /// Decides on what requests and outcomes hold.
    ROUTER,
    /// Folds facts of executions into Redis.
    PROJECTOR,
    /// Begins every task of the model lane and ends none.
    EXECUTOR,
    /// A bare member of a consumer group.
    MEMBER,
    /// A bare member of a share group: takes a record and does not acknowledge it.
    SHARER
  }

  /// Starts a process and returns once it is at work.
  static PartProcess start(Part part, Map<String, String> settings)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(PartProcess.class.getName(), part.name()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(settings);
    var child = new PartProcess(builder.start());
    child.lineBeginning(AT_WORK);
    return child;
  }

  private String lineBeginning(String wanted) throws IOException, InterruptedException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(wanted)) {
        return line.substring(wanted.length());
      }
    }
    throw new IOException("a part ended, with " + process.waitFor() + ", before it said " + wanted);
  }

  /// Bytes on its heap after a collection.
  long heapBytes() throws IOException, InterruptedException {
    process.outputWriter().write(MEASURE + "\n");
    process.outputWriter().flush();
    return Long.parseLong(lineBeginning(HEAP));
  }

  /// Resident bytes, from /proc; 0 where there is none.
  long residentBytes() throws IOException {
    return ChildPlatform.residentBytes(process.pid());
  }

  /// Ends it as kill -9 does; gives the moment, in nanoseconds of this JVM.
  long kill() throws InterruptedException {
    long at = System.nanoTime();
    process.destroyForcibly();
    process.waitFor();
    return at;
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  /// Argument: the part. Settings come with the environment.
  public static void main(String[] arguments) throws Exception {
    Logs.off();
    Thread.ofPlatform().daemon().start(PartProcess::answerUntilTheParentEnds);
    try {
      begin(Part.valueOf(arguments[0]));
    } catch (Exception e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(1); // threads that have begun would keep it, and its parent waiting
    }
    System.out.println(AT_WORK);
    new CountDownLatch(1).await();
  }

  private static void begin(Part part) {
    Settings settings = Settings.of(System.getenv());
    KafkaClients clients = new KafkaClients(settings);
    switch (part) {
      case ROUTER -> router(settings);
      case PROJECTOR ->
          new BareProjector(
              clients, RedisClient.create(settings.text(Setting.REDIS_URL)), "bench-projector");
      case EXECUTOR -> executor(settings, "endless", new Endless());
      case MEMBER -> holdGroup(clients);
      case SHARER -> holdRecord(clients);
    }
  }

  private static void answerUntilTheParentEnds() {
    var asked =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII)).lines();
    asked.forEach(
        line -> {
          System.gc();
          System.out.println(
              HEAP + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        });
    Runtime.getRuntime().halt(0);
  }

  /// A router that has its partitions; whoever gets it closes it.
  static AutoCloseable router(Settings settings) {
    var clients = new KafkaClients(settings);
    var producer = new EventProducer(clients, "bench-router");
    var deadLetters = new DeadLetters(producer, "router", Clock.systemUTC());
    var catalog = new DefinitionCatalog(clients, "bench-router", deadLetters).start();
    var snapshots =
        SnapshotModule.follow(
            clients, producer, deadLetters, settings, "bench-router", Clock.systemUTC());
    Router router =
        new Router(
            clients,
            BrokerAccess.SHARED,
            settings,
            catalog,
            deadLetters,
            snapshots,
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    router.start();
    router.awaitReady(PATIENCE);
    return () -> {
      for (AutoCloseable part : List.of(router, snapshots, catalog, producer)) {
        part.close();
      }
    };
  }

  /// An executor of the model lane alone; whoever gets it closes it.
  static AutoCloseable executor(Settings settings, String instance, Work work) {
    var clients = new KafkaClients(settings);
    var producer = new EventProducer(clients, instance);
    var executor =
        new Executor(
            new Executor.Host(
                settings,
                clients,
                producer,
                new DeadLetters(producer, instance, Clock.systemUTC()),
                new InstanceId(instance),
                Clock.systemUTC(),
                new SimpleMeterRegistry()),
            work);
    NexusService lane = executor.modelLane();
    lane.start();
    lane.awaitReady(PATIENCE);
    return () -> {
      for (AutoCloseable part : List.of(lane, executor, producer)) {
        part.close();
      }
    };
  }

  private static void holdGroup(KafkaClients clients) {
    KafkaConsumer<String, byte[]> member =
        clients.groupConsumer(TakeoverFloors.GROUP, "bench-killed");
    member.subscribe(List.of(clients.name(TakeoverFloors.GROUPED)));
    while (member.assignment().isEmpty()) {
      member.poll(Duration.ofMillis(100));
    }
    Thread.ofPlatform()
        .start(
            () -> {
              while (true) {
                member.poll(Duration.ofSeconds(1));
              }
            });
  }

  private static void holdRecord(KafkaClients clients) {
    var sharer = clients.strictShareConsumer(TakeoverFloors.SHARES, "bench-killed", 1);
    sharer.subscribe(List.of(clients.name(TakeoverFloors.SHARED)));
    List<ConsumerRecord<String, byte[]>> held = new ArrayList<>();
    while (held.isEmpty()) {
      sharer.poll(Duration.ofMillis(100)).forEach(held::add);
    }
  }

  /// Its tasks are begun and never end.
  private record Endless() implements Work {
    @Override
    public WorkResult perform(AssignedTask task) throws InterruptedException {
      while (true) {
        TimeUnit.HOURS.sleep(1);
      }
    }

    @Override
    public boolean isInstant(AssignedTask task) {
      return false;
    }

    @Override
    public Tier tier(AssignedTask task) {
      return Tier.MODEL;
    }
  }

  /// Answers with what it was asked.
  record Echo() implements Work {
    @Override
    public WorkResult perform(AssignedTask task) {
      return new WorkResult.Succeeded(task.body().input(), Usage.NONE);
    }

    @Override
    public boolean isInstant(AssignedTask task) {
      return false;
    }

    @Override
    public Tier tier(AssignedTask task) {
      return Tier.MODEL;
    }
  }
}
