package dev.nexus.command.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.DefinitionStore;
import dev.nexus.command.definition.DefinitionStore.Change;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.CurrentVersionSet;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class BranchMoverIT {
  private static final TenantId TENANT = new TenantId("acme");
  private static final String APP = "orders";

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private EventProducer producer;
  private DefinitionCatalog catalog;
  private DefinitionStore store;

  @BeforeEach
  void begin() {
    producer = new EventProducer(broker.clients(), "test");
    var deadLetters = new DeadLetters(producer, "test", Clock.systemUTC());
    catalog = new DefinitionCatalog(broker.clients(), "branch-mover-test", deadLetters).start();
    store = new DefinitionStore(directory);
  }

  @AfterEach
  void end() {
    catalog.close();
    producer.close();
  }

  @Test
  void shouldCatchUpWithEveryTenantAtTheStart() {
    // Given
    Version current = publish("one");

    // When
    try (var mover = new BranchMover(catalog, store)) {
      mover.start();

      // Then
      Eventually.holds(() -> assertThat(store.branch(TENANT, APP)).contains(current.revision()));
    }
  }

  @Test
  void shouldNeverMoveABranchBack() {
    // Given
    Version first = publish("one");
    Version second = publish("two");
    try (var mover = new BranchMover(catalog, store)) {
      mover.move(second);

      // When: a switch that was overtaken, such as one of the snapshot a start begins with
      mover.move(first);

      // Then
      assertThat(store.branch(TENANT, APP)).contains(second.revision());
    }
  }

  @Test
  void shouldGoOnAfterABranchThatCouldNotBeMoved() throws IOException {
    // Given a branch that somebody else has locked
    Version current = publish("one");
    Path lock = directory.resolve("acme").resolve("orders.git/refs/heads/main.lock");
    Files.createFile(lock);
    try (var mover = new BranchMover(catalog, store)) {
      // When
      mover.move(current);

      // Then it did not move, and moves the next time
      assertThat(store.branch(TENANT, APP)).isEmpty();
      Files.delete(lock);
      mover.move(current);
      assertThat(store.branch(TENANT, APP)).contains(current.revision());
    }
  }

  @Test
  void shouldMoveTheBranchesOfOthersBehindAVersionThatItFailsOn() {
    // Given a version that names no revision of Git
    publish("broken", "one", "no revision");
    try (var mover = new BranchMover(catalog, store)) {
      mover.start();

      // When
      Version behind = publish("two");

      // Then
      Eventually.holds(() -> assertThat(store.branch(TENANT, APP)).contains(behind.revision()));
      assertThat(mover.healthy()).isTrue();
    }
  }

  /// Publishes a version and waits until it is the current one here.
  private Version publish(String name) {
    String revision =
        store.write(
            TENANT,
            APP,
            new TreeMap<>(Map.of("app_definition.yaml", name)),
            catalog.current(TENANT, APP).map(Version::revision),
            new Change("key:test", Instant.EPOCH, name));
    return publish(APP, name, revision);
  }

  private Version publish(String app, String name, String revision) {
    var application =
        new ApplicationDefinition(app, name, "1", List.of(), List.of(), List.of(), Map.of());
    var bundle = CanonicalJson.toJson(application);
    send(app, Keys.version(TENANT, app, name), new VersionPublished(name, revision, bundle));
    send(app, Keys.currentVersion(TENANT, app), new CurrentVersionSet(name, revision));
    return Eventually.value(
            () -> catalog.current(TENANT, app),
            current -> current.filter(v -> v.revision().equals(revision)).isPresent(),
            name + " is current")
        .orElseThrow();
  }

  private void send(String app, String key, DefinitionEvent event) {
    var envelope = Envelope.of(UUID.randomUUID(), Instant.EPOCH, TENANT, app, "key:test");
    producer
        .send(
            EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class),
            key,
            new Event<>(envelope, event))
        .join();
  }
}
