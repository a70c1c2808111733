package dev.nexus.executor.service;

import dev.nexus.event.NameIds;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.container.Engine;
import dev.nexus.executor.container.Engine.Condition;
import dev.nexus.executor.container.EngineException;
import dev.nexus.executor.container.ServiceEngine.Files;
import dev.nexus.executor.container.ServiceEngine.Place;
import dev.nexus.executor.container.ServiceEngine.Program;
import dev.nexus.executor.container.SocketDirectory;
import dev.nexus.executor.http.Header;
import dev.nexus.executor.http.Request;
import dev.nexus.executor.service.ServiceListener.Container;
import dev.nexus.executor.service.ServiceView.Exit;
import dev.nexus.executor.service.ServiceView.Standing;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A container of a service, with what follows its output.
final class RunningService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningService.class);

  private static final Duration CHECK_AT_START = Duration.ofMillis(300);
  private static final Duration CHECK_EVERY = Duration.ofSeconds(10);
  private static final Duration CHECK_AGAIN = Duration.ofSeconds(2);
  private static final Duration CHECK_PATIENCE = Duration.ofSeconds(5);
  private static final long LARGEST_HEALTH = 64 << 10;
  private static final int REFUSING = 400;

  private final ServiceKey key;
  private final ServiceDefinition definition;
  private final ServiceParts parts;
  private final Container told;
  private final AtomicBoolean looking = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final StdioRpc rpc = new StdioRpc();
  private final ServicePort port;

  private volatile String container = "";
  private volatile Duration asked = ServiceParts.now();
  private volatile Duration begunAt = asked;
  private volatile Duration wellSince = Duration.ZERO;
  private volatile Duration checkedAt = Duration.ZERO;
  private volatile int failedChecks;
  private volatile String unwell = "";
  private volatile @Nullable Exit exit;
  private @Nullable Closeable output;
  private volatile @Nullable ServiceTools tools;
  private volatile @Nullable PrintedLines lines;

  RunningService(
      ServiceKey key,
      ServiceDefinition definition,
      ServiceParts parts,
      String image,
      boolean fallback,
      int restarts) {
    this.key = key;
    this.definition = definition;
    this.parts = parts;
    this.told = new Container(key, SocketDirectory.name(), image, fallback, restarts);
    this.port = new ServicePort(parts, () -> container, definition.reach().port(), labels());
  }

  Container told() {
    return told;
  }

  ServiceDefinition definition() {
    return definition;
  }

  /// The engine's id of it; "" until there is one.
  String container() {
    return container;
  }

  /// When its start was asked for.
  Duration asked() {
    return asked;
  }

  /// When its program began.
  Duration begunAt() {
    return begunAt;
  }

  /// Has said what was dropped of what it prints, though it prints no more.
  void tellDropped() {
    PrintedLines printed = lines;
    if (printed != null) {
      printed.tellDropped();
    }
  }

  boolean hasEnded() {
    return exit != null;
  }

  Standing standing(boolean well) {
    return new Standing.Running(
        definition.digest(), asked, well, failedChecks, Optional.ofNullable(exit));
  }

  void isWell() {
    wellSince = ServiceParts.now();
  }

  /// What the last look at it found that found it unwell; "" where none did.
  String unwell() {
    return unwell;
  }

  /// How long it has been well; zero where it never was.
  Duration wellFor() {
    return wellSince.isZero() ? Duration.ZERO : ServiceParts.now().minus(wellSince);
  }

  /// Throws `EngineException` when it does not come to be.
  void begin() throws InterruptedException {
    parts.starts().acquire();
    String begun;
    try {
      asked = ServiceParts.now();
      if (definition.hasTools()) {
        tools = openedTools();
      }
      begun = parts.site().engine().begin(program());
    } finally {
      parts.starts().release();
    }
    begunAt = ServiceParts.now();
    boolean stdio = definition.reach().stdio();
    var printed = new PrintedLines(told, parts.listener(), parts.lineShares(), this::mayHaveEnded);
    lines = printed;
    try {
      synchronized (this) {
        output = parts.site().engine().follow(begun, stdio, printed);
        if (stdio) {
          rpc.with(parts.site().engine().converse(begun, rpc.prints));
        }
      }
    } catch (RuntimeException e) {
      // Nobody knows of it yet who would end it.
      parts.site().engine().remove(begun);
      throw e;
    }
    container = begun;
  }

  /// Has gone by who had its name and has ended, of an earlier start of the machine: nobody looks
  /// after it any more.
  void clearName() {
    var site = parts.site();
    site.engine()
        .named(name())
        .filter(found -> !found.running())
        .filter(found -> key.text().equals(found.labels().get(Engine.LABEL_SERVICE)))
        .filter(found -> !site.sockets().id().equals(found.labels().get(Engine.LABEL_BASE)))
        .ifPresent(
            found -> {
              ServiceOrphans.tell(parts.listener(), site.sockets().executor(), found);
              site.engine().remove(found.container());
            });
  }

  private ServiceTools openedTools() {
    try {
      return ServiceTools.open(
          parts.site(), told.instance(), key, Set.copyOf(definition.capabilities()));
    } catch (IOException e) {
      throw new EngineException(
          FailureClass.UNREACHABLE, "no socket for its tools: " + e.getMessage(), e);
    }
  }

  /// Has it call no tool any more, though it may run for a moment.
  void endTools() {
    ServiceTools last = tools;
    if (last != null) {
      last.end();
    }
  }

  private Map<String, String> environment() {
    ServiceTools own = tools;
    if (own == null) {
      return definition.environment();
    }
    Map<String, String> environment = new HashMap<>(definition.environment());
    environment.put(ServiceTools.VARIABLE, own.endpoint());
    return environment;
  }

  private Program program() {
    Optional<Files> files =
        definition.volume().isEmpty()
            ? Optional.empty()
            : Optional.of(new Files(volume(), definition.volume(), volumeLabels()));
    return new Program(
        name(),
        told.image(),
        List.of(),
        definition.command(),
        environment(),
        definition.cpus(),
        definition.memoryBytes(),
        parts.installation() + "/" + key.text(),
        labels(),
        new Place.Alone(
            files,
            definition.reach().stdio(),
            Optional.ofNullable(tools).map(ServiceTools::directory)));
  }

  /// One name for all containers of the service: the engine lets there be one at a time, whoever
  /// believes that it is to run it.
  private String name() {
    return "nexus-service-" + NameIds.uuid5(parts.installation(), key.text());
  }

  private String volume() {
    return "nexus-volume-" + NameIds.uuid5(parts.installation(), key.text());
  }

  private Map<String, String> labels() {
    return Map.of(
        Engine.LABEL_BASE,
        parts.site().sockets().id(),
        Engine.LABEL_EXECUTOR,
        parts.site().sockets().executor(),
        Engine.LABEL_INSTANCE,
        told.instance(),
        Engine.LABEL_SERVICE,
        key.text());
  }

  /// None of an executor: it outlives them.
  private Map<String, String> volumeLabels() {
    return Map.of(Engine.LABEL_SERVICE, key.text());
  }

  /// Asks the engine on a thread of its own, as it is told of an end a moment after its output
  /// ends.
  void mayHaveEnded() {
    if (closed.get() || exit != null) {
      return;
    }
    Thread.ofVirtual()
        .name("service-look")
        .start(
            () -> {
              try {
                String id = container.isEmpty() ? "" : container;
                if (!id.isEmpty()) {
                  Condition condition = parts.site().engine().ended(id);
                  if (!condition.running()) {
                    exit = new Exit(condition.exitCode(), condition.outOfMemory());
                  }
                }
              } catch (EngineException e) {
                LOG.atDebug().setCause(e).addKeyValue("service", key.text()).log("not looked at");
              }
            });
  }

  /// Looks whether it is well where it is time to, on a thread of its own.
  ///
  /// @param before whether it was
  void check(boolean before, Runnable well) {
    boolean asks = !definition.reach().healthPath().isEmpty();
    if (before && !asks) {
      port.endIdleRelay();
      return;
    }
    Duration every = !before ? CHECK_AT_START : failedChecks > 0 ? CHECK_AGAIN : CHECK_EVERY;
    if (ServiceParts.now().minus(checkedAt).compareTo(every) < 0
        || exit != null
        || !looking.compareAndSet(false, true)) {
      return;
    }
    Thread.ofVirtual()
        .name("service-check")
        .start(
            () -> {
              try {
                check(asks);
                failedChecks = 0;
                well.run();
              } catch (IOException | RuntimeException e) {
                // Who has not been well yet has its time to become so.
                failedChecks = before ? failedChecks + 1 : 0;
                unwell = String.valueOf(e.getMessage());
                LOG.atDebug().setCause(e).addKeyValue("service", key.text()).log("not well");
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } finally {
                checkedAt = ServiceParts.now();
                looking.set(false);
              }
            });
  }

  private void check(boolean asks) throws IOException, InterruptedException {
    if (!asks) {
      port.connect().close();
      return;
    }
    var request =
        new Request(
            "GET",
            definition.reach().healthPath(),
            List.of(new Header("Host", "127.0.0.1")),
            new byte[0]);
    int status = port.asked(request, CHECK_PATIENCE, LARGEST_HEALTH).status();
    if (status >= REFUSING) {
      throw new IOException("its health path is answered with " + status);
    }
  }

  ServicePort port() {
    return port;
  }

  StdioRpc rpc() {
    return rpc;
  }

  /// Names of its containers.
  Set<String> instances() {
    String way = port.relayName();
    return way.isEmpty() ? Set.of(told.instance()) : Set.of(told.instance(), way);
  }

  /// Ends what there is of it.
  @Override
  public void close() {
    closed.set(true);
    PrintedLines last = lines;
    if (last != null) {
      last.close();
    }
    Closeable printed;
    synchronized (this) {
      printed = output;
    }
    try (ServiceTools _ = tools;
        printed;
        rpc;
        port) {
      if (!container.isEmpty()) {
        parts.site().engine().remove(container);
      }
    } catch (IOException | RuntimeException e) {
      // Its label tells the next look, which knows no such instance.
      LOG.atWarn().setCause(e).addKeyValue("service", key.text()).log("not all of it was removed");
    }
  }
}
