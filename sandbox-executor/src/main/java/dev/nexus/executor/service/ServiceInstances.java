package dev.nexus.executor.service;

import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.executor.container.Containers;
import dev.nexus.executor.container.Containers.Site;
import dev.nexus.executor.container.Engine;
import dev.nexus.executor.container.SocketDirectory;
import dev.nexus.executor.service.ServiceCaps.Wish;
import dev.nexus.executor.service.ServiceStatus.State;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.service.RecurringService;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.FailureLog;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogIdentity;
import dev.nexus.topic.Topic;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The services that this executor runs. Round by round it looks which are wanted and how those are
/// that run, has [ServicePlanner] decide what follows from that, and carries it out.
public final class ServiceInstances extends RecurringService implements Containers.User {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceInstances.class);

  private static final Duration ROUND = Duration.ofMillis(100);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration LAST_ENDS = Duration.ofSeconds(8);
  private static final Duration GIVEN_UP_WITHIN = Duration.ofSeconds(10);
  private static final Duration GONE_AFTER = Duration.ofSeconds(5);

  /// Where services of this executor come from and go to.
  ///
  /// @param definitions current versions of applications
  /// @param listeners makes who is told, by the name of the executor
  /// @param installation names it among those that use the same engine
  /// @param holders say where services of other executors are
  /// @param caps what they may take
  record Surroundings(
      Containers containers,
      Supplier<List<DefinitionCatalog.Version>> definitions,
      Function<String, ? extends ServiceListener> listeners,
      Supplier<String> installation,
      Holders holders,
      ServiceCaps caps,
      MeterRegistry meters,
      Clock clock) {}

  private final Surroundings around;
  private final Function<ServiceInstances, ? extends Share> shares;
  private final Map<ServiceKey, ServiceRun> runs = new ConcurrentHashMap<>();
  private final Object rounds = new Object();
  private final FailureLog failures = new FailureLog(LOG);
  private final Admission admission;
  private volatile @Nullable ServiceParts parts;
  private @Nullable ServiceListener listener;
  private volatile @Nullable Share share;
  private Duration lookedAt = Duration.ZERO;
  private Duration seenAt = ServiceParts.now();
  private boolean ended;

  /// Services of an installation, divided among its executors.
  ///
  /// @param address at which other executors reach this one, once it is known
  /// @param caps what those of this one may take
  public static ServiceInstances of(
      Containers containers,
      KafkaClients clients,
      EventProducer producer,
      DefinitionCatalog catalog,
      Supplier<Optional<URI>> address,
      ServiceCaps caps,
      MeterRegistry meters,
      Clock clock) {
    return new ServiceInstances(
        new Surroundings(
            containers,
            catalog::current,
            executor -> new ServiceLog(clients, producer, executor, meters, clock),
            () -> String.valueOf(LogIdentity.of(clients, Set.of(Topic.DEFINITIONS)).values()),
            new ServiceHolders(clients),
            caps,
            meters,
            clock),
        services -> new ServiceShare(clients, "services", address, services::awaitEnded));
  }

  /// @param shares makes what says which services are this executor's
  ServiceInstances(Surroundings around, Function<ServiceInstances, ? extends Share> shares) {
    super("services", ROUND, First.AFTER_A_REST);
    this.around = around;
    this.admission = new Admission(around.caps());
    this.shares = shares;
    around.containers().isUsedBy(this);
    for (State state : List.of(State.WAITING, State.STARTING, State.HEALTHY, State.ENDING)) {
      Measure.SERVICE_INSTANCES.gauge(around.meters(), this, all -> all.count(state), state.name());
    }
  }

  private long count(State state) {
    return runs.values().stream().filter(run -> run.status().state() == state).count();
  }

  private Map<ServiceKey, ServiceDefinition> defined() {
    Map<ServiceKey, ServiceDefinition> defined = new HashMap<>();
    for (DefinitionCatalog.Version version : around.definitions().get()) {
      String application = version.application().appId();
      version
          .application()
          .services()
          .forEach(
              service ->
                  defined.put(
                      new ServiceKey(version.tenant(), application, service.serviceName()),
                      service));
    }
    return defined;
  }

  @Override
  protected void round() {
    Map<ServiceKey, ServiceDefinition> defined = defined();
    if (defined.isEmpty() && runs.isEmpty()) {
      if (share != null) {
        share.join(false);
      }
      return;
    }
    boolean looks = ServiceParts.now().minus(lookedAt).compareTo(LOOK_EVERY) >= 0;
    if (looks) {
      lookedAt = ServiceParts.now();
      if (!isServed()) {
        return;
      }
    }
    ServiceParts with = parts;
    if (with != null) {
      Set<String> living = looks ? looked(with) : Set.of();
      synchronized (rounds) {
        if (!ended) {
          converge(defined, with, looks, living);
        }
      }
    }
  }

  /// Whether there is an engine. Who has none for a while leaves the services to others.
  private boolean isServed() {
    if (around.containers().missing().isPresent()) {
      if (share != null && ServiceParts.now().minus(seenAt).compareTo(GONE_AFTER) > 0) {
        share.join(false);
      }
      return false;
    }
    seenAt = ServiceParts.now();
    if (parts == null) {
      Site site = around.containers().site();
      // Before who is told, as what was begun for that would be left when this fails.
      String installation = around.installation().get();
      parts = new ServiceParts(site, listener(site.sockets()), installation, around.clock());
      site.orphans().knows(this::instances);
    }
    if (share == null) {
      share = shares.apply(this);
    }
    share.join(true);
    return true;
  }

  private ServiceListener listener(SocketDirectory sockets) {
    synchronized (rounds) {
      if (listener == null) {
        listener = around.listeners().apply(sockets.executor());
      }
      return listener;
    }
  }

  /// One of a service whose executor has died is told of by whoever finds it, whether that runs
  /// services or not.
  @Override
  public void orphaned(SocketDirectory sockets, Engine.Found container) {
    if (container.labels().containsKey(Engine.LABEL_SERVICE)) {
      ServiceOrphans.tell(listener(sockets), sockets.executor(), container);
    }
  }

  private Set<String> instances() {
    Set<String> known = new HashSet<>();
    runs.values().forEach(run -> known.addAll(run.instances()));
    return known;
  }

  /// Containers that run. What is of nobody is removed.
  private static Set<String> looked(ServiceParts with) {
    List<Engine.Found> found = with.site().engine().below(with.site().sockets().id());
    with.site().orphans().look(found);
    return found.stream()
        .filter(Engine.Found::running)
        .map(Engine.Found::container)
        .collect(Collectors.toSet());
  }

  private void converge(
      Map<ServiceKey, ServiceDefinition> defined,
      ServiceParts with,
      boolean looks,
      Set<String> living) {
    Map<ServiceKey, ServiceDefinition> own = new HashMap<>(defined);
    own.keySet().removeIf(key -> !owns(key));
    admission.look(own, this::isKept, with.listener());
    for (ServiceKey key : own.keySet()) {
      if (admission.admits(key)) {
        runs.computeIfAbsent(key, k -> new ServiceRun(k, with));
      }
    }
    runs.forEach(
        (key, run) -> {
          run.look(looks, living);
          ServiceDefinition definition = defined.get(key);
          Optional<ServiceDefinition> wanted =
              own.containsKey(key) && admission.admits(key)
                  ? Optional.ofNullable(definition)
                  : Optional.empty();
          step(key, run, wanted, otherwise(key, definition));
        });
  }

  private EndReason otherwise(ServiceKey key, @Nullable ServiceDefinition definition) {
    if (definition == null) {
      return EndReason.REMOVED;
    }
    return owns(key) ? EndReason.REPLACED : EndReason.MOVED;
  }

  private boolean isKept(Wish wish) {
    ServiceRun run = runs.get(wish.key());
    return run != null && run.isOf(wish.definition());
  }

  private boolean owns(ServiceKey key) {
    Share divided = share;
    return divided != null && divided.owns(key);
  }

  private void step(
      ServiceKey key, ServiceRun run, Optional<ServiceDefinition> wanted, EndReason otherwise) {
    ServicePlanner.Action action =
        ServicePlanner.plan(run.view(wanted, otherwise), ServiceParts.now());
    if (action instanceof ServicePlanner.Action.Forget) {
      runs.remove(key, run);
    } else {
      run.carryOut(action, wanted);
    }
  }

  /// Waits until nothing runs of the services of some partitions, which rounds see to.
  void awaitEnded(IntPredicate some) {
    Share divided = share;
    if (divided == null) {
      return;
    }
    awaitResting(
        run -> divided.isOf(run.getKey(), some) && !run.getValue().isResting(), GIVEN_UP_WITHIN);
  }

  private void awaitResting(Predicate<Map.Entry<ServiceKey, ServiceRun>> busy, Duration time) {
    long begun = System.nanoTime();
    try {
      while (runs.entrySet().stream().anyMatch(busy)
          && System.nanoTime() - begun < time.toNanos()) {
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The services of an application as they are defined now, and how they stand. Empty where the
  /// application is not known or has none.
  public List<ServiceStatus> of(TenantId tenant, String application) {
    return defined().entrySet().stream()
        .filter(entry -> entry.getKey().tenant().equals(tenant))
        .filter(entry -> entry.getKey().application().equals(application))
        .map(entry -> status(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparing(ServiceStatus::service))
        .toList();
  }

  private ServiceStatus status(ServiceKey key, ServiceDefinition definition) {
    ServiceRun run = runs.get(key);
    if (run != null) {
      return run.status();
    }
    Optional<String> missing = around.containers().missing();
    State state =
        missing.isPresent() ? State.UNSERVED : owns(key) ? State.WAITING : State.ELSEWHERE;
    String why =
        switch (state) {
          case ELSEWHERE -> "another executor has it, or will in a moment";
          case WAITING -> admission.why(key);
          case UNSERVED, STARTING, HEALTHY, ENDING -> missing.orElse("");
        };
    return new ServiceStatus(
        key.service(), state, definition.image(), false, 0, "", Optional.empty(), why);
  }

  /// Where the executor is that has a service which this one has not; empty where nobody else has
  /// it, or cannot be reached.
  public Optional<URI> elsewhere(ServiceKey key) {
    return owns(key) || runs.containsKey(key) ? Optional.empty() : around.holders().of(key);
  }

  /// A service where it does its work. Throws `IOException` with the reason where it does not.
  RunningService healthy(ServiceKey key) throws IOException {
    ServiceRun run = runs.get(key);
    if (run == null) {
      throw new IOException(
          around
              .containers()
              .missing()
              .orElseGet(
                  () ->
                      admission.admits(key)
                          ? "no container of it is on this executor: another one has it, or soon"
                              + " will"
                          : admission.why(key)));
    }
    return run.healthy();
  }

  @Override
  protected void failed(Throwable failure) {
    // Rounds are many: the same failure is said once in a while.
    failures.warn(failure, "services are looked after again in a moment");
  }

  /// Ends all of them. What is not ended by then, another executor removes.
  @Override
  protected void release() {
    synchronized (rounds) {
      if (ended) {
        return;
      }
      ended = true;
    }
    long begun = System.nanoTime();
    try {
      while (!runs.isEmpty() && System.nanoTime() - begun < LAST_ENDS.toNanos()) {
        runs.forEach((key, run) -> step(key, run, Optional.empty(), EndReason.SHUTDOWN));
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (share != null) {
      share.close();
    }
    around.holders().close();
    synchronized (rounds) {
      if (listener != null) {
        listener.close();
      }
    }
  }
}
