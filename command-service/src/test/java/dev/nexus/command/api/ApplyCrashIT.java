package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.DefinitionStore;
import dev.nexus.command.definition.DefinitionStore.Change;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.CurrentVersionSet;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The process that applies a version dies when only some of what belongs to that is on the log.
class ApplyCrashIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path data;

  @Test
  void shouldServeNothingOfAVersionItDiedOverUntilThatIsAppliedAgain() throws Exception {
    // Given
    String before;
    try (FrontDoor door = new FrontDoor(broker, data)) {
      before = apply(door, "torn", 1).body().at("/revision").asText();
    }

    // When
    HaltedPublisher.publish(broker, data, "torn", definition("torn", 2));
    HaltedPublisher.publish(broker, data, "unborn", definition("unborn", 2));

    // Then
    assertThat(events("torn", VersionPublished.class)).isEqualTo(2);
    assertThat(events("torn", CurrentVersionSet.class)).isEqualTo(1);
    assertThat(events("unborn", VersionPublished.class)).isEqualTo(1);
    assertThat(events("unborn", CurrentVersionSet.class)).isZero();
    try (FrontDoor door = new FrontDoor(broker, data)) {
      String operator = door.key("operator");
      var store = door.bean(DefinitionStore.class);
      assertThat(door.get(operator, "/v1/apps/torn").body().at("/revision").asText())
          .isEqualTo(before);
      assertThat(door.get(operator, "/v1/apps").body().findValuesAsText("app"))
          .contains("torn")
          .doesNotContain("unborn");
      assertThat(invoke(door, "torn", 1)).isEqualTo(200);
      assertThat(invoke(door, "torn", 2)).isEqualTo(422);
      assertThat(invoke(door, "unborn", 2)).isEqualTo(404);
      Eventually.holds(() -> assertThat(store.branch(TenantId.DEFAULT, "torn")).contains(before));
      assertThat(store.branch(TenantId.DEFAULT, "unborn")).isEmpty();

      // When
      for (String app : new String[] {"torn", "unborn"}) {
        var again = apply(door, app, 2);

        // Then
        assertThat(again.body().at("/changed").asBoolean()).as(again.toString()).isTrue();
        assertThat(invoke(door, app, 2)).isEqualTo(200);
        String after = again.body().at("/revision").asText();
        Eventually.holds(() -> assertThat(store.branch(TenantId.DEFAULT, app)).contains(after));
      }
    }
  }

  @Test
  void shouldFinishWhatTheLogDidNotTakeWholeWhenItIsAppliedAgain() {
    try (FrontDoor door = new FrontDoor(broker, data)) {
      // Given: other files of the same definition, without the pointer to them
      String first = apply(door, "same", 1).body().at("/revision").asText();
      String noted = "# a note\n" + definition("same", 1);
      String second = publishWithoutPointer(door, "same", noted, first);
      String operator = door.key("operator");
      Eventually.holds(
          () ->
              assertThat(door.get(operator, "/v1/apps/same").body().at("/revision").asText())
                  .isEqualTo(second));

      // When
      var again = apply(door, "same", noted);

      // Then
      assertThat(again.body().at("/changed").asBoolean()).isTrue();
      assertThat(events("same", CurrentVersionSet.class)).isEqualTo(2);
      var store = door.bean(DefinitionStore.class);
      Eventually.holds(() -> assertThat(store.branch(TenantId.DEFAULT, "same")).contains(second));
    }
  }

  /// Before the source has its new integration, and before the old one is gone.
  @ParameterizedTest
  @ValueSource(strings = {"shop-new", "shop-old"})
  void shouldTakeEventsOfASourceWhoseIntegrationWasNotRenamedToTheEnd(String diedOver)
      throws Exception {
    // Given
    try (FrontDoor door = new FrontDoor(broker, data)) {
      apply(door, "renamed", sending("shop-old"));
    }

    // When
    HaltedPublisher.publishUpTo(broker, data, "renamed", sending("shop-new"), diedOver);

    // Then
    try (FrontDoor door = new FrontDoor(broker, data)) {
      assertThat(send(door, "between")).isEqualTo(202);

      // When
      apply(door, "renamed", sending("shop-new"));

      // Then
      assertThat(send(door, "after")).isEqualTo(202);
      assertThat(
              door.get(door.key("operator"), "/v1/apps/renamed/integrations")
                  .body()
                  .findValuesAsText("integrationId"))
          .containsExactly("shop-new");
    }
  }

  private static String sending(String integrationId) {
    return definition("renamed", 1)
        + "integrations: [{integrationId: "
        + integrationId
        + ", source: \"urn:renamed\"}]\n";
  }

  private static int send(FrontDoor door, String id) {
    return door.event(door.key("operator"), "urn:renamed", id).status();
  }

  /// As a publisher does whose second record the log refuses; gives the revision.
  private static String publishWithoutPointer(
      FrontDoor door, String app, String definition, String parent) {
    String revision =
        door.bean(DefinitionStore.class)
            .write(
                TenantId.DEFAULT,
                app,
                new TreeMap<>(Map.of("app_definition.yaml", definition)),
                Optional.of(parent),
                new Change("key:test", Instant.EPOCH, "note"));
    var event =
        broker.read(Topic.DEFINITIONS, DefinitionEvent.class).stream()
            .filter(e -> e.envelope().appId().equals(app))
            .filter(e -> e.body() instanceof VersionPublished)
            .findFirst()
            .orElseThrow();
    var published = (VersionPublished) event.body();
    door.producer()
        .send(
            EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class),
            Keys.version(TenantId.DEFAULT, app, published.digest()),
            new Event<>(
                event.envelope(),
                new VersionPublished(published.digest(), revision, published.bundle())))
        .join();
    return revision;
  }

  private static FrontDoor.Answer apply(FrontDoor door, String app, int number) {
    return apply(door, app, definition(app, number));
  }

  private static FrontDoor.Answer apply(FrontDoor door, String app, String definition) {
    var answer = door.apply(door.key("operator"), app, Map.of("app_definition.yaml", definition));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    return answer;
  }

  /// Status of a call with the number that only one version accepts.
  private static int invoke(FrontDoor door, String app, int number) {
    return door.post(
            door.key("operator"),
            "/v1/apps/" + app + "/components/echo/invoke",
            Integer.toString(number))
        .status();
  }

  private static long events(String app, Class<? extends DefinitionEvent> type) {
    return broker.read(Topic.DEFINITIONS, DefinitionEvent.class).stream()
        .filter(event -> event.envelope().appId().equals(app) && type.isInstance(event.body()))
        .count();
  }

  private static String definition(String app, int number) {
    return """
    appId: %s
    components:
      - componentId: echo
        handlerType: BUILTIN
        taskDetails: {function: echo}
        inputSchema: {const: %d}
    """
        .formatted(app, number);
  }
}
