package dev.nexus.command.application;

import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.command.access.MissingSecret;
import dev.nexus.command.application.Publication.Outdated;
import dev.nexus.command.application.Publication.Published;
import dev.nexus.command.application.Publication.Refused;
import dev.nexus.command.application.Publication.Taken;
import dev.nexus.command.definition.ApplicationFiles;
import dev.nexus.command.definition.ApplicationLoader;
import dev.nexus.command.definition.DefinitionStore;
import dev.nexus.command.definition.LoadResult;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.CurrentVersionSet;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.security.Secrets;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Publishes versions in the one order that a crash cannot spoil: objects in Git that nothing
/// refers to, then the version and the pointer on the log (the commit point), then, by whoever
/// follows the log, the branch. Returns when the version is visible here.
public final class ApplicationPublisher {
  private static final Logger LOG = LoggerFactory.getLogger(ApplicationPublisher.class);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final EventCodec<DefinitionEvent> codec =
      EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class);
  private final Map<String, Object> locks = new ConcurrentHashMap<>();
  private final Object switched = new Object();

  /// Versions that were published and are not the current ones yet.
  private final Set<String> arrived = ConcurrentHashMap.newKeySet();

  private final ApplicationLoader loader;
  private final DefinitionStore store;
  private final DefinitionCatalog catalog;
  private final Integrations integrations;
  private final Secrets secrets;
  private final EventProducer producer;
  private final Clock clock;
  private final EdgeIds ids;

  public ApplicationPublisher(
      ApplicationLoader loader,
      DefinitionStore store,
      DefinitionCatalog catalog,
      Integrations integrations,
      Secrets secrets,
      EventProducer producer,
      Clock clock) {
    this.loader = loader;
    this.store = store;
    this.catalog = catalog;
    this.integrations = integrations;
    this.secrets = secrets;
    this.producer = producer;
    this.clock = clock;
    this.ids = new EdgeIds(clock);
    catalog.onArrival(version -> arrived.add(key(version)));
    catalog.onSwitch(
        version -> {
          synchronized (switched) {
            arrived.remove(key(version));
            switched.notifyAll();
          }
        });
  }

  public Publication publish(Applying applying) {
    LoadResult result = loader.load(ApplicationFiles.of(applying.files()));
    return switch (result) {
      case LoadResult.Refused(var faults) -> new Refused(faults);
      case LoadResult.Loaded loaded when !loaded.application().appId().equals(applying.appId()) ->
          new Refused(List.of(otherName(applying, loaded)));
      case LoadResult.Loaded loaded -> {
        synchronized (locks.computeIfAbsent(applying.appId(), _ -> new Object())) {
          Publication done = publish(applying, loaded);
          yield done instanceof Published published
              ? published
                  .remarking(unheard(applying, published))
                  .remarking(unsigned(applying, published))
              : done;
        }
      }
    };
  }

  /// Triggers that no registered source can fire. It is no fault: a source may come later.
  private List<String> unheard(Applying applying, Published published) {
    List<Integration> registered = integrations.of(applying.tenant());
    return published.definition().triggers().stream()
        .filter(
            trigger ->
                registered.stream()
                    .noneMatch(
                        i -> trigger.selectsSource(i.source(), i.appId().equals(applying.appId()))))
        .map(
            trigger ->
                "trigger "
                    + trigger.triggerId()
                    + " never fires as it is: "
                    + (trigger.source().isEmpty()
                        ? "no integration of this application is registered"
                        : "no source is registered that fits '" + trigger.source() + "'")
                    + " (./nexus integrations)")
        .toList();
  }

  /// Integrations whose secret is not there. It is no fault: it may be written later.
  private List<String> unsigned(Applying applying, Published published) {
    return declared(applying, published.definition()).stream()
        .map(integration -> MissingSecret.of(integration, secrets))
        .flatMap(Optional::stream)
        .toList();
  }

  private Publication publish(Applying applying, LoadResult.Loaded loaded) {
    if (takenByAnotherTenant(applying)) {
      return new Taken("the application id " + applying.appId() + " is taken: choose another");
    }
    Optional<Version> current = catalog.current(applying.tenant(), applying.appId());
    String present = current.map(Version::revision).orElse("");
    if (applying.expectedRevision().filter(expected -> !expected.equals(present)).isPresent()) {
      return new Outdated(present);
    }
    List<Integration> declared = declared(applying, loaded.application());
    List<Integration> before =
        current.map(version -> declared(applying, version.application())).orElse(List.of());
    if (declared.isEmpty() && before.isEmpty()) {
      return write(applying, loaded, current);
    }
    return integrations.exclusively(() -> publish(applying, loaded, current, declared, before));
  }

  /// Integrations follow the version that declares them: one that could not be published takes no
  /// source, and what the version before declared and this one does not is gone. New ones come
  /// first: a source whose integration has another name now belongs to one of them all the while.
  private Publication publish(
      Applying applying,
      LoadResult.Loaded loaded,
      Optional<Version> current,
      List<Integration> declared,
      List<Integration> before) {
    List<Integration> leaving = leaving(applying, declared, before);
    for (Integration integration : declared) {
      Optional<String> conflict = integrations.conflict(integration, leaving);
      if (conflict.isPresent()) {
        return new Taken(conflict.get());
      }
    }
    Published published = write(applying, loaded, current);
    boolean visible = true;
    for (Integration integration : declared) {
      visible &= integrations.register(integration, applying.actor());
    }
    for (Integration gone : leaving) {
      visible &= integrations.remove(gone, applying.actor());
    }
    if (!visible) {
      LOG.atWarn()
          .addKeyValue("app", applying.appId())
          .log("integrations were written but are not visible here yet");
    }
    return published;
  }

  /// What the version before declared and this one does not; and what a process left that died
  /// before it had taken it away: it has a source of theirs, and some version declared it.
  private List<Integration> leaving(
      Applying applying, List<Integration> declared, List<Integration> before) {
    Set<String> kept =
        declared.stream().map(Integration::integrationId).collect(Collectors.toSet());
    Set<String> sources =
        Stream.concat(declared.stream(), before.stream())
            .map(Integration::source)
            .collect(Collectors.toSet());
    return integrations.of(applying.tenant(), applying.appId()).stream()
        .filter(i -> !kept.contains(i.integrationId()))
        .filter(i -> before.contains(i) || sources.contains(i.source()) && wasOnce(applying, i))
        .toList();
  }

  /// Whether some version declared it: what was registered by hand stays.
  private boolean wasOnce(Applying applying, Integration integration) {
    return catalog.everDeclared(applying.tenant(), applying.appId()).stream()
        .anyMatch(definition -> integration(applying, definition).equals(integration));
  }

  private Published write(Applying applying, LoadResult.Loaded loaded, Optional<Version> current) {
    String present = current.map(Version::revision).orElse("");
    boolean sameDigest = current.map(Version::digest).equals(Optional.of(loaded.digest()));
    if (sameDigest && !store.has(applying.tenant(), applying.appId(), present)) {
      // Another instance published it into a Git of its own: nothing tells the files apart.
      return published(loaded, present, false);
    }
    String revision =
        store.write(
            applying.tenant(),
            applying.appId(),
            ApplicationFiles.of(applying.files()).all(),
            current.map(Version::revision),
            new DefinitionStore.Change(
                applying.actor(),
                clock.instant(),
                "Apply " + applying.appId() + " " + loaded.digest().substring(0, 12) + "\n"));
    // A pointer that the log did not take leaves a version that has arrived and never switched.
    boolean unfinished =
        arrived.contains(Keys.version(applying.tenant(), applying.appId(), loaded.digest()));
    boolean changed = !revision.equals(present) || !sameDigest || unfinished;
    if (changed) {
      append(applying, loaded, revision);
      awaitVisible(applying.tenant(), applying.appId(), loaded.digest(), revision);
    }
    return published(loaded, revision, changed);
  }

  private static Published published(LoadResult.Loaded loaded, String revision, boolean changed) {
    List<String> remarks = loaded.remarks().stream().map(Fault::sentence).toList();
    return new Published(loaded.application(), loaded.digest(), revision, changed, remarks);
  }

  private void append(Applying applying, LoadResult.Loaded loaded, String revision) {
    TenantId tenant = applying.tenant();
    String appId = applying.appId();
    String digest = loaded.digest();
    UUID versionId = NameIds.uuid5("version", tenant.value(), appId, digest, revision);
    var version = envelope(versionId, applying);
    var pointer = envelope(ids.next(), applying).causedBy(versionId, versionId.toString(), "");
    var published = new VersionPublished(digest, revision, loaded.bundle());
    var set = new CurrentVersionSet(digest, revision);
    producer.append(codec, Keys.version(tenant, appId, digest), new Event<>(version, published));
    producer.append(codec, Keys.currentVersion(tenant, appId), new Event<>(pointer, set));
  }

  private Envelope envelope(UUID id, Applying applying) {
    return Envelope.of(id, clock.instant(), applying.tenant(), applying.appId(), applying.actor());
  }

  private static List<Integration> declared(Applying applying, ApplicationDefinition definition) {
    return definition.integrations().stream().map(i -> integration(applying, i)).toList();
  }

  private static Integration integration(Applying applying, IntegrationDefinition definition) {
    return new Integration(
        applying.tenant(),
        applying.appId(),
        definition.integrationId(),
        definition.source(),
        definition.credentialKind(),
        definition.secretRef(),
        definition.format());
  }

  private void awaitVisible(TenantId tenant, String appId, String digest, String revision) {
    boolean visible =
        await(
            () ->
                catalog
                    .current(tenant, appId)
                    .filter(v -> v.digest().equals(digest) && v.revision().equals(revision))
                    .filter(v -> !arrived.contains(key(v)))
                    .isPresent(),
            PATIENCE);
    if (!visible) {
      throw new IllegalStateException(
          "version " + digest + " of " + appId + " was published but is not visible here yet");
    }
  }

  /// Waits until this process has seen a version become the current one; false when it takes longer
  /// than `patience`. A newer one may have taken its place since.
  public boolean awaitCurrent(TenantId tenant, String appId, String digest, Duration patience) {
    String key = Keys.version(tenant, appId, digest);
    return await(
        () -> catalog.version(tenant, appId, digest).isPresent() && !arrived.contains(key),
        patience);
  }

  private boolean await(BooleanSupplier visible, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (switched) {
      while (!visible.getAsBoolean()) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        try {
          switched.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      return true;
    }
  }

  private static Fault otherName(Applying applying, LoadResult.Loaded loaded) {
    return Fault.at(
        "/files",
        "the definition names another application",
        "appId " + applying.appId(),
        loaded.application().appId());
  }

  private static String key(Version version) {
    return Keys.version(version.tenant(), version.application().appId(), version.digest());
  }

  /// Ids of applications are unique in an installation.
  private boolean takenByAnotherTenant(Applying applying) {
    return catalog.current().stream()
        .anyMatch(
            version ->
                version.application().appId().equals(applying.appId())
                    && !version.tenant().equals(applying.tenant()));
  }
}
