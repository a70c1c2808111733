package dev.nexus.event.definition;

import dev.nexus.event.NameIds;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the bundle of a version, and refuses one that no service publishes. Whoever follows
/// `nexus.definitions` looks into every application of a tenant, so one that lacks a part, or has a
/// time that no clock can add, would fail them all.
public final class PublishedVersion {
  /// No time that a record names is taken for longer: more than a definition may ask for, and
  /// little enough to be added to any time.
  public static final Duration LONGEST = Duration.ofDays(366);

  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  private static final int MOST_ATTEMPTS = 1_000;
  private static final int ALL = 1_000;

  private PublishedVersion() {}

  /// Throws `IllegalArgumentException`, which says what is wrong. A digest that is no SHA-256 is
  /// taken as the name it is: it stands in the place of no version that a service published.
  ///
  /// @param appId application that the version is said to be of
  public static ApplicationDefinition read(String appId, VersionPublished version) {
    String digest = version.digest();
    require(!digest.isEmpty(), "a digest", "none");
    if (SHA_256.matcher(digest).matches()) {
      String found = NameIds.sha256(version.bundle().text());
      require(found.equals(digest), "a bundle of the digest " + digest, found);
    }
    @Nullable ApplicationDefinition read =
        CanonicalJson.fromJson(version.bundle(), ApplicationDefinition.class);
    if (read == null) {
      throw new IllegalArgumentException("a bundle expected, found null");
    }
    require(appId.equals(read.appId()), "application " + appId, read.appId());
    check(read);
    return read;
  }

  private static void check(ApplicationDefinition application) {
    there("displayName", application.displayName());
    there("version", application.version());
    there("configuration", application.configuration());
    Set<String> pools = new HashSet<>();
    for (PoolDefinition pool : application.pools()) {
      check(pool);
      require(pools.add(pool.poolName()), "one pool " + pool.poolName(), "two");
    }
    application.allowedCommands().forEach(PublishedVersion::check);
    within(
        "allowedCommands", application.allowedCommands().size(), 0, AllowedCommand.MOST_COMMANDS);
    Set<String> services = new HashSet<>();
    for (ServiceDefinition service : application.services()) {
      check(service);
      require(services.add(service.serviceName()), "one service " + service.serviceName(), "two");
    }
    Set<String> ids = new HashSet<>();
    for (ComponentDefinition component : all("components", application.components())) {
      check(component);
      String pool = component.pool();
      require(
          pool.isEmpty() || pools.contains(pool),
          component.componentId() + ": a pool of the application",
          pool);
      require(ids.add(component.componentId()), "one " + component.componentId(), "two");
    }
    all("triggers", application.triggers()).forEach(PublishedVersion::check);
    all("integrations", application.integrations()).forEach(PublishedVersion::check);
  }

  private static void check(ComponentDefinition component) {
    String id = there("componentId", component.componentId());
    require(!id.isEmpty(), "a componentId", "none");
    there(id + ": description", component.description());
    there(id + ": handlerType", component.handlerType());
    Map<String, ?> details = there(id + ": taskDetails", component.taskDetails());
    all(id + ": taskDetails", details.values());
    there(id + ": inputSchema", component.inputSchema());
    there(id + ": outputSchema", component.outputSchema());
    there(id + ": comparator", component.comparator());
    there(id + ": truth", component.truth());
    bounded(id + ": timeout", component.timeout());
    RetryPolicy retry = there(id + ": retry", component.retry());
    within(id + ": maxAttempts", retry.maxAttempts(), 1, MOST_ATTEMPTS);
    bounded(id + ": initialBackoff", retry.initialBackoff());
    bounded(id + ": maxBackoff", retry.maxBackoff());
    check(id, there(id + ": promotion", component.promotion()));
  }

  private static void check(String id, PromotionPolicy policy) {
    there(id + ": mode", policy.mode());
    share(id + ": target", policy.target());
    share(id + ": alpha", policy.alpha());
    within(id + ": openExamples", policy.openExamples(), 0, Integer.MAX_VALUE);
    within(id + ": hotDistinctInputs", policy.hotDistinctInputs(), 0, Integer.MAX_VALUE);
    within(id + ": stability", policy.stability(), 0, Integer.MAX_VALUE);
    bounded(id + ": cooldown", policy.cooldown());
    within(id + ": minShadowComparisons", policy.minShadowComparisons(), 0, Integer.MAX_VALUE);
    all(id + ": canaryPermille", policy.canaryPermille())
        .forEach(step -> within(id + ": canaryPermille", step, 0, ALL));
    within(id + ": canaryCalls", policy.canaryCalls(), 0, Integer.MAX_VALUE);
    within(id + ": auditPermille", policy.auditPermille(), 0, ALL);
    within(id + ": maxCandidates", policy.maxCandidates(), 0, Integer.MAX_VALUE);
  }

  private static void check(PoolDefinition pool) {
    String name = there("poolName", pool.poolName());
    require(!name.isEmpty(), "a poolName", "none");
    there(name + ": image", pool.image());
    int most = pool.maxInstances();
    within(name + ": maxInstances", most, 1, PoolDefinition.MOST_INSTANCES);
    within(name + ": minInstances", pool.minInstances(), 0, most);
    limits(name, pool.cpus(), pool.memoryBytes(), PoolDefinition.LEAST_MEMORY);
  }

  private static void check(ServiceDefinition service) {
    String name = there("serviceName", service.serviceName());
    require(!name.isEmpty(), "a serviceName", "none");
    require(!there(name + ": image", service.image()).isEmpty(), name + ": an image", "none");
    there(name + ": fallbackImage", service.fallbackImage());
    limits(name, service.cpus(), service.memoryBytes(), ServiceDefinition.LEAST_MEMORY);
    String volume = there(name + ": volume", service.volume());
    require(volume.isEmpty() || volume.startsWith("/"), name + ": an absolute volume", volume);
    ServiceDefinition.Reach reach = there(name + ": reach", service.reach());
    within(name + ": port", reach.port(), 0, 65_535);
    require(!(reach.stdio() && reach.hasPort()), name + ": a port or stdio", "both");
    there(name + ": healthPath", reach.healthPath());
    bounded(name + ": startTime", service.startTime());
  }

  private static void limits(String name, double cpus, long memoryBytes, long leastMemory) {
    require(
        cpus >= PoolDefinition.LEAST_CPUS && cpus <= PoolDefinition.MOST_CPUS,
        name + ": cpus of 0.1 to 64",
        cpus);
    require(
        memoryBytes >= leastMemory && memoryBytes <= PoolDefinition.MOST_MEMORY,
        name + ": memoryBytes of " + (leastMemory >> 20) + " MiB to 64 GiB",
        memoryBytes);
  }

  private static void check(AllowedCommand command) {
    String path = there("path", command.path());
    String wrong = AllowedCommand.pathFault(path);
    require(wrong.isEmpty(), wrong, path);
    String wrongArgs = AllowedCommand.argsFault(command.args());
    require(wrongArgs.isEmpty(), path + ": " + wrongArgs, command.args());
  }

  private static void check(TriggerDefinition trigger) {
    there("triggerId", trigger.triggerId());
    there("eventType", trigger.eventType());
    there("source", trigger.source());
    there("component", trigger.component());
  }

  private static void check(IntegrationDefinition integration) {
    there("integrationId", integration.integrationId());
    there("source", integration.source());
    there("credentialKind", integration.credentialKind());
    there("secretRef", integration.secretRef());
  }

  private static <T> T there(String name, @Nullable T value) {
    if (value == null) {
      throw new IllegalArgumentException(name + " expected, found nothing");
    }
    return value;
  }

  private static <T> Collection<T> all(String name, @Nullable Collection<T> values) {
    Collection<T> there = there(name, values);
    there.forEach(value -> there(name, value));
    return there;
  }

  private static void bounded(String name, @Nullable Duration time) {
    Duration there = there(name, time);
    require(
        !there.isNegative() && there.compareTo(LONGEST) <= 0, name + " of 0 to 366 days", there);
  }

  private static void within(String name, int value, int least, int most) {
    require(value >= least && value <= most, name + " of " + least + " to " + most, value);
  }

  private static void share(String name, double value) {
    require(value >= 0 && value <= 1, name + " of 0 to 1", value);
  }

  private static void require(boolean met, String expected, @Nullable Object found) {
    if (!met) {
      throw new IllegalArgumentException(expected + " expected, found " + found);
    }
  }
}
