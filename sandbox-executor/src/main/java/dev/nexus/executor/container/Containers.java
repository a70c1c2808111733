package dev.nexus.executor.container;

import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeRunner;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.container.PoolView.State;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.service.RecurringService;
import dev.nexus.platform.stream.KafkaClients;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Containers as the rest of the executor knows them. Docker is looked for when a call or a
/// definition asks for a container, and again until it is there; without it calls are refused with
/// the reason.
public final class Containers extends RecurringService implements CodeRunner {
  /// What containers need to be told.
  ///
  /// @param host address of the engine, `unix://` and the path of its socket
  /// @param runtime OCI runtime of the engine, "" for its own
  /// @param images reference of the platform's runners, with `{runner}` in it
  /// @param most containers at once
  /// @param sockets directory below which sockets are, the same for all executors of a user
  public record Options(String host, String runtime, String images, int most, Path sockets) {}

  private static final Logger LOG = LoggerFactory.getLogger(Containers.class);
  private static final Duration ROUND = Duration.ofSeconds(2);
  private static final String UNIX = "unix://";

  private final Options options;
  private final Tools tools;
  private final RunnerImages images;
  private final Function<String, ? extends PoolListener> listeners;
  private final Supplier<List<DefinitionCatalog.Version>> definitions;
  private final MeterRegistry meters;
  private final Set<String> gauged = ConcurrentHashMap.newKeySet();
  private final List<User> users = new CopyOnWriteArrayList<>();
  private @Nullable Open open;
  private boolean ended;

  /// What there is while there is an engine.
  private record Open(Site site, PoolListener listener, ContainerPools pools, CodeRunner code) {}

  /// An engine, and what containers of this executor are known by there.
  ///
  /// @param relay image of the platform that has a Python
  /// @param orphans what removes containers that nobody has
  /// @param tools of applications
  public record Site(
      ServiceEngine engine, SocketDirectory sockets, String relay, Orphans orphans, Tools tools) {}

  /// Containers whose story goes to the log.
  public static Containers of(
      Options options,
      Tools tools,
      KafkaClients clients,
      DefinitionCatalog catalog,
      MeterRegistry meters,
      Clock clock) {
    return new Containers(
        options,
        tools,
        executor -> new SandboxLog(clients, executor, meters, clock),
        catalog::current,
        meters);
  }

  /// Containers of which nobody is told and that have no tools.
  public static Containers untold(Options options) {
    return untold(options, Tools.NONE);
  }

  /// Containers of which nobody is told, for who measures them.
  public static Containers untold(Options options, Tools tools) {
    return new Containers(
        options, tools, _ -> PoolListener.SILENT, List::of, new SimpleMeterRegistry());
  }

  Containers(
      Options options,
      Tools tools,
      Function<String, ? extends PoolListener> listeners,
      Supplier<List<DefinitionCatalog.Version>> definitions,
      MeterRegistry meters) {
    super("containers", ROUND, First.AFTER_A_REST);
    this.options = options;
    this.tools = tools;
    this.images = new RunnerImages(options.images());
    this.listeners = listeners;
    this.definitions = definitions;
    this.meters = meters;
  }

  /// The engine's address.
  ///
  /// @param named as `NEXUS_DOCKER_HOST` names it; may be empty
  /// @param usual what programs of Docker go by, `DOCKER_HOST`
  public static String host(String named, @Nullable String usual) {
    if (!named.isEmpty()) {
      return named;
    }
    return usual == null || usual.isEmpty() ? "unix:///var/run/docker.sock" : usual;
  }

  /// The image of the platform's runner of a language.
  ///
  /// @param pattern as `NEXUS_RUNNER_IMAGES` has it
  public static String image(String pattern, Language language) {
    return new RunnerImages(pattern).of(language);
  }

  /// The directory for sockets where none is named: short, as the path of a socket has to be.
  public static Path usualSockets() {
    return Path.of("/tmp", "nexus-sandboxes-" + System.getProperty("user.name"));
  }

  /// Why no container can be had now; empty when there is an engine.
  public Optional<String> missing() {
    return missing(options.host());
  }

  /// Why an engine cannot be used; empty when one answers.
  ///
  /// @param host address, `unix://` and a path
  public static Optional<String> missing(String host) {
    String instead =
        ". Install or start Docker, or name its socket by NEXUS_DOCKER_HOST; without"
            + " targetPoolName a script needs none";
    if (!host.startsWith(UNIX)) {
      return Optional.of(
          "containers need an engine of this machine, as unix:///var/run/docker.sock; found "
              + host
              + instead);
    }
    Path socket = Path.of(host.substring(UNIX.length()));
    try (var tried = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return tried.isConnected() ? Optional.empty() : Optional.of(silent(host, "") + instead);
    } catch (IOException e) {
      return Optional.of(silent(host, ": " + e.getMessage()) + instead);
    }
  }

  private static String silent(String host, String why) {
    return "no Docker engine answers at " + host + why;
  }

  @Override
  public CodeOutcome run(CodeCall call) throws InterruptedException {
    Open now;
    try {
      now = opened();
    } catch (EngineException e) {
      return new Failure(e.failure(), String.valueOf(e.getMessage()));
    }
    if (call.home() instanceof Home.Pool pool) {
      gauge(now.pools(), pool.text());
    }
    return now.code().run(call);
  }

  /// The engine, for who runs other things than calls. Throws `EngineException` where there is
  /// none.
  public Site site() {
    return opened().site();
  }

  /// Who uses the engine beside pools. It ends before the engine goes.
  public interface User extends AutoCloseable {
    /// A container that nobody has any more is about to be removed; it stays for now where this
    /// throws.
    void orphaned(SocketDirectory sockets, Engine.Found container);
  }

  public void isUsedBy(User user) {
    users.add(user);
  }

  private void gauge(ContainerPools pools, String pool) {
    if (gauged.add(pool)) {
      for (State state : State.values()) {
        Measure.SANDBOX_INSTANCES.gauge(
            meters, pools, all -> all.count(pool, state), pool, state.name());
      }
      // Those who wait still, as a wait is a time only when it has ended.
      Measure.SANDBOX_OLDEST_WAIT.gauge(
          meters, pools, all -> all.oldestWait(pool).toMillis() / 1e3, pool);
    }
  }

  private synchronized Open opened() {
    if (ended) {
      throw new EngineException(FailureClass.LOST, "the executor ends");
    }
    if (open == null) {
      missing()
          .ifPresent(
              why -> {
                throw new EngineException(FailureClass.REFUSED, why);
              });
      SocketDirectory sockets = SocketDirectory.in(options.sockets());
      var engine = new DockerServices(options.host(), options.runtime());
      PoolListener listener = listeners.apply(sockets.executor());
      var pools =
          new ContainerPools(engine, sockets, listener, tools, this::wanted, options.most());
      pools.orphans().tells(found -> users.forEach(user -> user.orphaned(sockets, found)));
      open =
          new Open(
              new Site(engine, sockets, images.of(Language.PYTHON), pools.orphans(), tools),
              listener,
              pools,
              new ContainerCode(pools, images, ContainerCode.GRACE));
    }
    return open;
  }

  /// Pools that components of current definitions name.
  private Collection<PoolKey> wanted() {
    Set<PoolKey> wanted = new HashSet<>();
    for (DefinitionCatalog.Version version : definitions.get()) {
      for (var component : version.application().components()) {
        version
            .application()
            .pool(component.pool())
            .map(pool -> new Home.Pool(version.tenant(), version.application().appId(), pool))
            .map(home -> new PoolKey(home, image(home, component.detail("language"))))
            .ifPresent(wanted::add);
      }
    }
    return wanted;
  }

  private String image(Home.Pool home, String language) {
    String own = home.definition().image();
    return own.isEmpty() ? images.of(Language.named(language).orElse(Language.JAVASCRIPT)) : own;
  }

  @Override
  protected void round() {
    Open now;
    synchronized (this) {
      now = open;
    }
    if (now == null) {
      // Nobody has asked for a container, and a machine without Docker is not told again and again.
      if ((wanted().isEmpty() && !SocketDirectory.hasOthers(options.sockets()))
          || missing().isPresent()) {
        return;
      }
      now = opened();
    }
    now.pools().round();
  }

  @Override
  protected void release() {
    for (User user : users) {
      try {
        user.close();
      } catch (Exception e) {
        LOG.atWarn().setCause(e).log("what uses containers did not end well");
      }
    }
    Open last;
    synchronized (this) {
      ended = true;
      last = open;
    }
    if (last != null) {
      try (var listener = last.listener();
          var engine = last.site().engine();
          var pools = last.pools()) {
        LOG.atDebug()
            .addKeyValue("engine", engine)
            .addKeyValue("listener", listener)
            .addKeyValue("pools", pools.size())
            .log("containers end");
      }
    }
  }
}
