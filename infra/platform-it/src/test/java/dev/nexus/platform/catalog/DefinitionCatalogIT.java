package dev.nexus.platform.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.CurrentVersionSet;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.NotReadInTimeException;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DefinitionCatalogIT {
  private static final EventCodec<DefinitionEvent> CODEC =
      EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class);
  private static final TenantId TENANT = TenantId.DEFAULT;
  private static final int KEPT = 2;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private EventProducer producer;
  private DefinitionCatalog catalog;

  @BeforeEach
  void begin() {
    producer = new EventProducer(broker.clients(), "test");
    var deadLetters = new DeadLetters(producer, "test", Clock.systemUTC());
    catalog = new DefinitionCatalog(broker.clients(), "test", deadLetters, KEPT);
  }

  @AfterEach
  void end() {
    catalog.close();
    producer.close();
  }

  private void append(String key, DefinitionEvent body) {
    append(TENANT, "lab", key, body);
  }

  private void append(TenantId tenant, String app, String key, DefinitionEvent body) {
    var id = NameIds.uuid5(key, body.toString());
    var envelope = Envelope.of(id, Instant.EPOCH, tenant, app, "service:test");
    producer.send(CODEC, key, new Event<>(envelope, body)).join();
  }

  private void publish(String digest, String version) {
    var application =
        new ApplicationDefinition("lab", "Lab", version, List.of(), List.of(), List.of(), Map.of());
    publish(digest, CanonicalJson.toJson(application));
  }

  private void publish(String digest, Json bundle) {
    append(Keys.version(TENANT, "lab", digest), new VersionPublished(digest, "revision", bundle));
  }

  private String version(String digest) {
    return catalog
        .version(TENANT, "lab", digest)
        .map(version -> version.application().version())
        .orElse("");
  }

  @Test
  void shouldFindEveryVersionButKeepTheNewestInMemory() {
    // Given
    for (int i = 0; i < 6; i++) {
      publish("digest-" + i, Integer.toString(i));
      if (i == 0) {
        append(Keys.currentVersion(TENANT, "lab"), new CurrentVersionSet("digest-0", "revision"));
      }
    }
    // When
    catalog.start();
    catalog.awaitCaughtUp(Duration.ofMinutes(2));
    // Then
    for (int i = 0; i < 6; i++) {
      assertThat(version("digest-" + i)).isEqualTo(Integer.toString(i));
    }
    assertThat(version("digest-7")).isEmpty();
    assertThat(catalog.inMemory()).isEqualTo(KEPT);
    assertThat(catalog.current(TENANT, "lab"))
        .hasValueSatisfying(current -> assertThat(current.digest()).isEqualTo("digest-0"));
  }

  /// An application that is there must not be missing because the brokers are slow.
  @Test
  void shouldTakeAVersionAsCurrentOnceTheLogGivesItAgain() {
    // Given: clients that are answered late while there is little to read, too late for a lookup
    var slow = broker.clients(Map.of("fetch.min.bytes", "20000", "fetch.max.wait.ms", "7000"));
    for (int i = 0; i <= KEPT; i++) {
      publish("digest-" + i, Integer.toString(i));
    }
    append(Keys.currentVersion(TENANT, "lab"), new CurrentVersionSet("digest-0", "revision"));
    var deadLetters = new DeadLetters(producer, "test", Clock.systemUTC());
    List<String> switched = new CopyOnWriteArrayList<>();
    try (var late = new DefinitionCatalog(slow, "late", deadLetters, KEPT)) {
      late.onSwitch(version -> switched.add(version.digest()));

      // When
      late.start();

      // Then
      assertThatThrownBy(() -> late.awaitCaughtUp(Duration.ofSeconds(15)))
          .isInstanceOf(NotReadInTimeException.class);
      assertThat(switched).isEmpty();

      // When there is enough
      publish("digest-9", "x".repeat(30_000));

      // Then
      late.awaitCaughtUp(Duration.ofMinutes(2));
      assertThat(switched).contains("digest-0");
      assertThat(late.current(TENANT))
          .extracting(version -> version.application().version())
          .containsExactly("0");
    }
  }

  @Test
  void shouldKnowWhatIsThereWhenItWasWaitedFor() {
    // Given
    catalog.start();
    catalog.awaitCaughtUp(Duration.ofMinutes(2));
    for (int i = 0; i < 20; i++) {
      // When
      publish("digest-" + i, Integer.toString(i));
      catalog.awaitCurrent(Duration.ofMinutes(2));

      // Then
      assertThat(version("digest-" + i)).isEqualTo(Integer.toString(i));
    }
  }

  @Test
  void shouldKnowWhatBoundsTheTasksOfEveryVersionThoughItKeepsFew() {
    // Given
    for (int i = 0; i < 6; i++) {
      var retry = new RetryPolicy(i / 2 + 1, Duration.ofMillis(10), Duration.ofMillis(50));
      publish("digest-" + i, CanonicalJson.toJson(withEcho(Integer.toString(i), retry)));
    }

    // When
    catalog.start();
    catalog.awaitCaughtUp(Duration.ofMinutes(2));

    // Then
    for (int i = 0; i < 6; i++) {
      int attempts = i / 2 + 1;
      assertThat(catalog.bounds(TENANT, "lab", "digest-" + i, "echo"))
          .hasValueSatisfying(
              bounds -> assertThat(bounds.retry().maxAttempts()).isEqualTo(attempts));
      assertThat(catalog.isPublished(TENANT, "lab", "digest-" + i)).isTrue();
    }
    assertThat(catalog.bounds(TENANT, "lab", "digest-0", "other")).isEmpty();
    assertThat(catalog.bounds(TENANT, "lab", "digest-6", "echo")).isEmpty();
    assertThat(catalog.isPublished(TENANT, "lab", "digest-6")).isFalse();
    assertThat(catalog.inMemory()).isEqualTo(KEPT);
  }

  private static ApplicationDefinition withEcho(String version, RetryPolicy retry) {
    var echo =
        new ComponentDefinition(
            "echo",
            "",
            HandlerType.BUILTIN,
            Map.of("function", TextNode.valueOf("echo")),
            CanonicalJson.read("{}"),
            CanonicalJson.read("{}"),
            "equal",
            "model",
            Duration.ofMinutes(10),
            retry,
            PromotionPolicy.OFF);
    return new ApplicationDefinition(
        "lab", "Lab", version, List.of(echo), List.of(), List.of(), Map.of());
  }

  @Test
  void shouldKnowWhatEveryVersionDeclaredThoughItKeepsFew() {
    // Given: each integration is in two versions, one behind the other
    for (int i = 0; i < 6; i++) {
      var declared =
          new IntegrationDefinition(
              "shop-" + i / 2, "urn:shop", IntegrationDefinition.NONE, "", "cloudevents");
      var application =
          new ApplicationDefinition(
              "lab", "Lab", Integer.toString(i), List.of(), List.of(), List.of(declared), Map.of());
      publish("digest-" + i, CanonicalJson.toJson(application));
    }
    publish("none", "7");

    // When
    catalog.start();
    catalog.awaitCaughtUp(Duration.ofMinutes(2));

    // Then
    assertThat(catalog.everDeclared(TENANT, "lab"))
        .extracting(IntegrationDefinition::integrationId)
        .containsExactlyInAnyOrder("shop-0", "shop-1", "shop-2");
    assertThat(catalog.everDeclared(TENANT, "la")).isEmpty();
    assertThat(catalog.inMemory()).isEqualTo(KEPT);
  }

  @Test
  void shouldNameTheApplicationsOfATenantThatHaveACurrentVersion() {
    // Given
    var other = new TenantId("default2");
    apply(TENANT, "orders");
    apply(TENANT, "billing");
    apply(other, "elsewhere");
    publish("digest", "1");

    // When
    catalog.start();
    catalog.awaitCaughtUp(Duration.ofMinutes(2));

    // Then
    assertThat(catalog.applications(TENANT)).containsExactly("billing", "orders");
    assertThat(catalog.applications(other)).containsExactly("elsewhere");
    assertThat(catalog.applications(new TenantId("nobody"))).isEmpty();
  }

  private void apply(TenantId tenant, String app) {
    var application =
        new ApplicationDefinition(app, app, "1", List.of(), List.of(), List.of(), Map.of());
    append(
        tenant,
        app,
        Keys.version(tenant, app, "digest"),
        new VersionPublished("digest", "revision", CanonicalJson.toJson(application)));
    append(
        tenant, app, Keys.currentVersion(tenant, app), new CurrentVersionSet("digest", "revision"));
  }

  @Test
  void shouldSetAsideAVersionThatIsNone() {
    // Given
    publish("broken", new Json("{\"components\": 7}"));
    publish("nothing", new Json("null"));
    publish("good", "1");
    // When
    catalog.start();
    catalog.awaitCaughtUp(Duration.ofMinutes(2));
    // Then
    assertThat(version("good")).isEqualTo("1");
    assertThat(catalog.healthy()).isTrue();
    assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 2)).hasSize(2);
  }

  @Test
  void shouldKeepWhatIsCurrentUntilTheVersionComesThatIsNamed() {
    // Given a pointer to a version that is not there
    List<String> switched = new CopyOnWriteArrayList<>();
    catalog.onSwitch(version -> switched.add(version.digest()));
    publish("one", "1");
    append(Keys.currentVersion(TENANT, "lab"), new CurrentVersionSet("one", "revision"));
    append(Keys.currentVersion(TENANT, "lab"), new CurrentVersionSet("two", "revision"));

    // When
    catalog.start();
    catalog.awaitCaughtUp(Duration.ofMinutes(2));

    // Then
    assertThat(switched).containsExactly("one");
    assertThat(catalog.current(TENANT, "lab"))
        .hasValueSatisfying(current -> assertThat(current.digest()).isEqualTo("one"));

    // When
    publish("two", "2");

    // Then
    Eventually.holds(() -> assertThat(switched).containsExactly("one", "two"));
    assertThat(catalog.current(TENANT, "lab"))
        .hasValueSatisfying(current -> assertThat(current.digest()).isEqualTo("two"));
  }

  @Test
  void shouldNotTakeOtherContentForAVersionThatIsThere() {
    // Given
    var lab =
        new ApplicationDefinition("lab", "Lab", "1", List.of(), List.of(), List.of(), Map.of());
    Json bundle = CanonicalJson.toJson(lab);
    String digest = NameIds.sha256(bundle.text());
    publish(digest, bundle);

    // When
    publish(digest, "2");
    catalog.start();
    catalog.awaitCaughtUp(Duration.ofMinutes(2));

    // Then
    assertThat(version(digest)).isEqualTo("1");
    assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1)).hasSize(1);
  }
}
