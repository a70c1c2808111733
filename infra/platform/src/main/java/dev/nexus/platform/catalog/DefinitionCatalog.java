package dev.nexus.platform.catalog;

import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.CurrentVersionSet;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.event.definition.PublishedVersion;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordLookup;
import dev.nexus.platform.stream.TopicFollower;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordKey;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every published version of every application, by digest, and which one is current. The current
/// versions and the newest others are kept in memory; of the rest only where they stand in the log,
/// to be read again when an old execution asks, and what bounds the tasks of their components.
public final class DefinitionCatalog implements AutoCloseable {
  /// A version of an application.
  public record Version(
      TenantId tenant, String digest, String revision, ApplicationDefinition application) {}

  /// What bounds the tasks of a component.
  ///
  /// @param timeout longest time of one task
  public record Bounds(RetryPolicy retry, Duration timeout) {}

  /// Versions kept in memory.
  private static final int KEPT = 500;

  /// How long a version that could not be read again is not asked for: each question takes seconds
  /// while a log is silent.
  private static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(10);

  /// How long no other version is asked for either, where the log was silent about one: however
  /// many are wanted, at times nobody waits for it.
  private static final Duration OTHERS_ASKED_AFTER = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(DefinitionCatalog.class);

  private final KafkaClients clients;
  private final EventCodec<DefinitionEvent> codec =
      EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class);
  private final int kept;
  private final RecordLookup lookup;
  private final Map<String, Version> byDigest = new ConcurrentHashMap<>();

  /// Each version ever published, but what it defines.
  private final Map<String, Published> published = new ConcurrentHashMap<>();

  /// Each kind of bounds of a version once, as most versions have those of the one before; only the
  /// follower's thread uses it.
  private final Map<Map<String, Bounds>, Map<String, Bounds>> bounds = new HashMap<>();

  /// When versions could not be read again, `System.nanoTime()`.
  private final Map<String, Long> unread = new ConcurrentHashMap<>();

  /// When the log was silent about one, `System.nanoTime()`; null while it never was.
  private volatile @Nullable Long silent;

  /// Held by whoever asks the log for a version: those behind it go by what it was told, and do not
  /// wait for the same silence once more. The follower does not take it, as it cannot go on without
  /// an answer.
  private final ReentrantLock asking = new ReentrantLock();

  /// What the versions of an application declared, by the key of the pointer. Most declare what the
  /// one before did, so it is little, and none has to be read again for it.
  private final Map<String, Set<IntegrationDefinition>> declared = new ConcurrentHashMap<>();

  /// Keys of `byDigest`, the longest kept first; guarded by itself.
  private final Set<String> order = new LinkedHashSet<>();

  private final Map<String, String> currentDigest = new ConcurrentHashMap<>();

  /// Versions that were named as current ones before they came, by the key of the pointer; only the
  /// follower's thread uses it.
  private final Map<String, String> awaited = new HashMap<>();

  private final List<Consumer<Version>> arrivals = new CopyOnWriteArrayList<>();
  private final List<Consumer<Version>> switches = new CopyOnWriteArrayList<>();
  private final TopicFollower<DefinitionEvent> follower;

  /// Where a version stands, and the bounds of its components by their ids.
  private record Published(int partition, long offset, Map<String, Bounds> bounds) {}

  public DefinitionCatalog(KafkaClients clients, String serviceName, DeadLetters deadLetters) {
    this(clients, serviceName, deadLetters, KEPT);
  }

  DefinitionCatalog(KafkaClients clients, String serviceName, DeadLetters deadLetters, int kept) {
    this.clients = clients;
    this.kept = kept;
    this.lookup = new RecordLookup(clients, serviceName + "-versions");
    this.follower = new TopicFollower<>(clients, codec, serviceName, deadLetters, this::take);
  }

  public DefinitionCatalog start() {
    follower.start();
    return this;
  }

  public void awaitCaughtUp(Duration patience) {
    follower.awaitCaughtUp(patience);
  }

  /// Waits until all that is published now is known here; throws `NotReadInTimeException` when
  /// `patience` runs out.
  public void awaitCurrent(Duration patience) {
    follower.awaitCurrent(patience);
  }

  /// Whether what is known here is up to date.
  public boolean healthy() {
    return follower.healthy();
  }

  /// Calls `listener` whenever a version becomes known (on the follower's thread).
  public void onArrival(Consumer<Version> listener) {
    arrivals.add(listener);
  }

  public void removeArrivalListener(Consumer<Version> listener) {
    arrivals.remove(listener);
  }

  /// Calls `listener` whenever a version becomes the current one (on the follower's thread).
  public void onSwitch(Consumer<Version> listener) {
    switches.add(listener);
  }

  /// A version, also one that is not current any more; empty when it was never published here, or
  /// has to be read again and the log does not give it now (`isPublished` tells).
  public Optional<Version> version(TenantId tenant, String appId, String digest) {
    String key = Keys.version(tenant, appId, digest);
    Version known = byDigest.get(key);
    if (known != null || !published.containsKey(key)) {
      return Optional.ofNullable(known);
    }
    asking.lock();
    try {
      if (isWithin(ASKED_AGAIN_AFTER, unread.get(key)) || isWithin(OTHERS_ASKED_AFTER, silent)) {
        return Optional.empty();
      }
      Optional<Version> version = version(key);
      unread.remove(key);
      return version;
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      unread.put(key, System.nanoTime());
      if (e instanceof TimeoutException) {
        silent = System.nanoTime();
      }
      LOG.atWarn().setCause(e).addKeyValue("version", key).log("the log does not give a version");
      return Optional.empty();
    } finally {
      asking.unlock();
    }
  }

  private static boolean isWithin(Duration time, @Nullable Long since) {
    return since != null && System.nanoTime() - since < time.toNanos();
  }

  /// Whether a version was ever published, as far as is known here. Reads nothing.
  public boolean isPublished(TenantId tenant, String appId, String digest) {
    return published.containsKey(Keys.version(tenant, appId, digest));
  }

  /// What bounds the tasks of a component, of any version that was ever published; empty when none
  /// is known with that component. Reads nothing, so it does not depend on what the log gives now.
  public Optional<Bounds> bounds(TenantId tenant, String appId, String digest, String component) {
    return Optional.ofNullable(published.get(Keys.version(tenant, appId, digest)))
        .map(version -> version.bounds().get(component));
  }

  private Optional<Version> version(String key) {
    Version known = byDigest.get(key);
    return known != null ? Optional.of(known) : readAgain(key);
  }

  /// Every integration that a version of an application ever declared, each once, in no order.
  /// Reads nothing, however many versions there are.
  public Set<IntegrationDefinition> everDeclared(TenantId tenant, String appId) {
    return Set.copyOf(declared.getOrDefault(Keys.currentVersion(tenant, appId), Set.of()));
  }

  /// The current version of an application. This and the lists of them throw `TimeoutException`
  /// when one has to be read again and the log does not answer in time: none is missing for that.
  public Optional<Version> current(TenantId tenant, String appId) {
    String digest = currentDigest.get(Keys.currentVersion(tenant, appId));
    return digest == null ? Optional.empty() : version(Keys.version(tenant, appId, digest));
  }

  /// Ids of all applications of a tenant that have a current version, in order. Reads nothing, so
  /// it answers whatever becomes of the log.
  public List<String> applications(TenantId tenant) {
    String own = tenant + "/";
    return currentDigest.keySet().stream()
        .filter(pointer -> pointer.startsWith(own))
        .map(pointer -> pointer.substring(own.length(), pointer.lastIndexOf('/')))
        .sorted()
        .toList();
  }

  /// Current versions of all applications of a tenant, by application id.
  public List<Version> current(TenantId tenant) {
    return currentDigest.entrySet().stream()
        .filter(e -> e.getKey().startsWith(tenant + "/"))
        .flatMap(e -> version(versionKey(e.getKey(), e.getValue())).stream())
        .sorted(Comparator.comparing(v -> v.application().appId()))
        .toList();
  }

  /// Current versions of all applications of all tenants.
  public List<Version> current() {
    return currentDigest.entrySet().stream()
        .flatMap(e -> version(versionKey(e.getKey(), e.getValue())).stream())
        .toList();
  }

  private static String versionKey(String pointerKey, String digest) {
    return pointerKey.substring(0, pointerKey.lastIndexOf('/') + 1) + digest;
  }

  private Optional<Version> readAgain(String key) {
    Published known = published.get(key);
    if (known == null) {
      return Optional.empty();
    }
    var partition = new TopicPartition(clients.name(Topic.DEFINITIONS), known.partition());
    Optional<Version> read =
        lookup
            .kept(partition, known.offset())
            .map(codec::decode)
            .flatMap(DefinitionCatalog::published);
    read.ifPresent(version -> keep(key, version));
    return read;
  }

  private static Optional<Version> published(Event<DefinitionEvent> event) {
    return event.body() instanceof VersionPublished published
        ? Optional.of(
            new Version(
                event.envelope().tenantId(),
                published.digest(),
                published.revision(),
                application(event.envelope().appId(), published)))
        : Optional.empty();
  }

  /// Keeps a version, and lets go of those that are kept longest and are not current.
  private void keep(String key, Version version) {
    synchronized (order) {
      byDigest.put(key, version);
      order.add(key);
      Iterator<String> oldest = order.iterator();
      for (int over = order.size() - kept; over > 0 && oldest.hasNext(); ) {
        String candidate = oldest.next();
        if (!candidate.equals(key) && !isCurrent(candidate)) {
          oldest.remove();
          byDigest.remove(candidate);
          over--;
        }
      }
    }
  }

  /// How many versions are in memory.
  int inMemory() {
    return byDigest.size();
  }

  private boolean isCurrent(String key) {
    int digest = key.lastIndexOf('/') + 1;
    String pointer = currentDigest.get(key.substring(0, digest) + "current");
    return key.substring(digest).equals(pointer);
  }

  private void take(
      String recordKey, @Nullable Event<DefinitionEvent> event, int partition, long offset) {
    if (event == null) {
      return;
    }
    TenantId tenant = event.envelope().tenantId();
    String appId = event.envelope().appId();
    String pointer = Keys.currentVersion(tenant, appId);
    switch (event.body()) {
      case VersionPublished(var digest, _, _) -> {
        String key = Keys.version(tenant, appId, digest);
        RecordKey.require(key, recordKey);
        Version version = published(event).orElseThrow();
        this.published.put(key, new Published(partition, offset, boundsOf(version.application())));
        declared
            .computeIfAbsent(pointer, _ -> ConcurrentHashMap.newKeySet())
            .addAll(version.application().integrations());
        keep(key, version);
        arrivals.forEach(listener -> listener.accept(version));
        if (awaited.remove(pointer, digest)) {
          switchTo(pointer, version);
        }
      }
      case CurrentVersionSet(var digest, _) -> {
        RecordKey.require(pointer, recordKey);
        // Where the log does not answer, the record is taken again: nothing becomes current that
        // nobody could read.
        version(Keys.version(tenant, appId, digest))
            .ifPresentOrElse(
                version -> switchTo(pointer, version), () -> awaited.put(pointer, digest));
      }
    }
  }

  private Map<String, Bounds> boundsOf(ApplicationDefinition application) {
    Map<String, Bounds> own = new HashMap<>();
    application
        .components()
        .forEach(c -> own.put(c.componentId(), new Bounds(c.retry(), c.timeout())));
    return bounds.computeIfAbsent(Map.copyOf(own), same -> same);
  }

  /// A pointer to a version that is not here changes nothing until that comes: compaction may have
  /// left the version behind it, and one that nobody published must take no application away.
  private void switchTo(String pointer, Version version) {
    awaited.remove(pointer);
    currentDigest.put(pointer, version.digest());
    switches.forEach(listener -> listener.accept(version));
  }

  private static ApplicationDefinition application(String appId, VersionPublished published) {
    try {
      return PublishedVersion.read(appId, published);
    } catch (IllegalArgumentException e) {
      throw new UnreadableRecordException(
          "version " + published.digest() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    follower.close();
    lookup.close();
  }
}
