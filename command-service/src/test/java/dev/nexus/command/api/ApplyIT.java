package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.DefinitionStore;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.Seeds;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Versions of applications, over real HTTP, Git and log.
class ApplyIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();
  @TempDir static Path data;

  private static FrontDoor door;
  private static String operator;

  @BeforeAll
  static void open() {
    door = new FrontDoor(BROKER, data);
    operator = door.key("operator");
  }

  @AfterAll
  static void close() {
    door.close();
  }

  @Test
  void shouldPublishAVersionAndMoveItsBranch() {
    // When
    var answer = apply("first", "one");

    // Then
    String revision = answer.body().at("/revision").asText();
    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(200);
    assertThat(door.get(operator, "/v1/apps/first").body().at("/digest"))
        .isEqualTo(answer.body().at("/digest"));
    assertThat(door.get(operator, "/v1/apps").body().findValuesAsText("app"))
        .contains("first", "nexus.oracle");
    var store = door.bean(DefinitionStore.class);
    Eventually.holds(() -> assertThat(store.branch(TenantId.DEFAULT, "first")).contains(revision));
  }

  @Test
  void shouldLeaveAnUnchangedApplicationAsItIs() {
    // Given
    var first = apply("same", "one");

    // When
    var second = apply("same", "one");

    // Then
    assertThat(first.body().at("/changed").asBoolean()).isTrue();
    assertThat(second.body().at("/changed").asBoolean()).isFalse();
    assertThat(second.body().at("/revision")).isEqualTo(first.body().at("/revision"));
  }

  @Test
  void shouldApplyNothingOfADefinitionWithFaults() {
    // Given
    apply("whole", "one");

    // When
    var answer =
        door.apply(
            operator,
            "whole",
            Map.of("app_definition.yaml", definition("whole", "two") + "\nversoin: 3\n"));

    // Then
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().at("/errors/0/file").asText()).isEqualTo("app_definition.yaml");
    assertThat(answer.body().at("/errors/0/line").asInt()).isPositive();
    assertThat(answer.body().at("/errors/0/nearest/0").asText()).isEqualTo("version");
    assertThat(door.get(operator, "/v1/apps/whole").body().at("/displayName").asText())
        .isEqualTo("one");
  }

  @Test
  void shouldRefuseAChangeFromAnOldRevision() {
    // Given
    String first = apply("race", "one").body().at("/revision").asText();
    String second = apply("race", "two").body().at("/revision").asText();

    // When
    var late =
        door.post(
            operator,
            "/v1/apps/race/apply",
            dev.nexus.event.definition.CanonicalJson.toJson(
                    Map.of(
                        "files",
                        Map.of("app_definition.yaml", definition("race", "three")),
                        "revision",
                        first))
                .text());

    // Then
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.body().at("/revision").asText()).isEqualTo(second);
  }

  @Test
  void shouldKeepThePlatformsOwnNames() {
    assertThat(apply("nexus.oracle", "mine").status()).isEqualTo(403);
    assertThat(
            door.apply(operator, "other", Map.of("app_definition.yaml", definition("another", "x")))
                .status())
        .isEqualTo(422);
  }

  @Test
  void shouldPublishTheOraclesApplicationOnce() {
    var published =
        BROKER.read(Topic.DEFINITIONS, DefinitionEvent.class).stream()
            .filter(e -> e.envelope().appId().equals("nexus.oracle"))
            .filter(e -> e.body() instanceof DefinitionEvent.VersionPublished)
            .toList();

    assertThat(published).hasSize(1);
    assertThat(door.get(operator, "/v1/apps/nexus.oracle").body().findValuesAsText("componentId"))
        .containsExactly("evaluate", "synthesize");
  }

  @Test
  void shouldLetIntegrationsFollowTheVersionThatDeclaresThem() {
    // Given
    applyWith("mail", "{integrationId: post, source: \"urn:post\"}");
    applyWith("news", "{integrationId: press, source: \"urn:press\"}");

    // When: nothing of a refused version is registered, and a source may change its name and owner
    var taken = applyWith("news", "{integrationId: late, source: \"urn:post\"}");
    var renamed = applyWith("mail", "{integrationId: courier, source: \"urn:post\"}");
    var given = applyWith("mail", "{integrationId: courier, source: \"urn:courier\"}");
    var moved = applyWith("news", "{integrationId: late, source: \"urn:post\"}");

    // Then
    assertThat(taken.status()).isEqualTo(409);
    assertThat(renamed.status()).isEqualTo(200);
    assertThat(given.status()).isEqualTo(200);
    assertThat(moved.status()).describedAs(moved.toString()).isEqualTo(200);
    assertThat(sources("mail")).containsExactly("urn:courier");
    assertThat(sources("news")).containsExactly("urn:post");
    assertThat(applyWith("news", "").status()).isEqualTo(200);
    assertThat(sources("news")).isEmpty();
  }

  @Test
  void shouldLeaveWhatWasRegisteredByHandThoughAVersionWantsItsSource() {
    // Given
    applyWith("manual", "{integrationId: manual-1, source: \"urn:manual\"}");
    door.post(
        operator,
        "/v1/apps/manual/integrations",
        "{\"integrationId\": \"own\", \"source\": \"urn:own\"}");

    // When
    var taken = applyWith("manual", "{integrationId: manual-2, source: \"urn:own\"}");

    // Then
    assertThat(taken.status()).isEqualTo(409);
    assertThat(sources("manual")).containsExactlyInAnyOrder("urn:manual", "urn:own");
  }

  @Test
  void shouldTakeEventsOfASourceWhileItsIntegrationGetsAnotherName() throws Exception {
    // Given
    applyWith("kept", "{integrationId: kept-0, source: \"urn:kept\"}");
    int renamings = 5;
    var ended = new AtomicBoolean();

    // When
    Set<Integer> answers;
    try (var sender = Executors.newSingleThreadExecutor()) {
      var sending = sender.submit(() -> sendUntil(ended, "urn:kept"));
      try {
        for (int i = 1; i <= renamings; i++) {
          applyWith("kept", "{integrationId: kept-" + i + ", source: \"urn:kept\"}");
        }
      } finally {
        ended.set(true);
      }
      answers = sending.get();
    }

    // Then
    assertThat(answers).containsExactly(202);
    assertThat(integrations("kept")).containsExactly("kept-" + renamings);
    assertThat(changesOf("kept"))
        .containsExactly(
            "+kept-0", "+kept-1", "-kept-0", "+kept-2", "-kept-1", "+kept-3", "-kept-2", "+kept-4",
            "-kept-3", "+kept-5", "-kept-4");
  }

  /// Sends events one after the other; gives the different answers.
  private static Set<Integer> sendUntil(AtomicBoolean ended, String source) {
    Set<Integer> answers = new TreeSet<>();
    for (int i = 0; !ended.get(); i++) {
      answers.add(door.event(operator, source, "k-" + i).status());
    }
    return answers;
  }

  private static List<String> integrations(String app) {
    return door.get(operator, "/v1/apps/" + app + "/integrations")
        .body()
        .findValuesAsText("integrationId");
  }

  /// What was registered and removed, in the order of the log.
  private static List<String> changesOf(String app) {
    return BROKER.read(Topic.ENTITIES, EntityEvent.class).stream()
        .filter(e -> e.envelope().appId().equals(app))
        .map(Event::body)
        .flatMap(
            body ->
                switch (body) {
                  case EntityEvent.IntegrationRegistered r -> Stream.of("+" + r.integrationId());
                  case EntityEvent.IntegrationRemoved r -> Stream.of("-" + r.integrationId());
                  default -> Stream.<String>empty();
                })
        .toList();
  }

  @Test
  void shouldGiveASourceToOneOfManyWhoWantItAtOnce() throws Exception {
    // When
    try (var pool = Executors.newFixedThreadPool(4)) {
      List<Callable<FrontDoor.Answer>> wishes =
          java.util.stream.IntStream.range(0, 4)
              .<Callable<FrontDoor.Answer>>mapToObj(
                  n ->
                      () ->
                          applyWith(
                              "want" + n, "{integrationId: want" + n + ", source: \"urn:wanted\"}"))
              .toList();
      List<Integer> answers =
          pool.invokeAll(wishes).stream().map(f -> f.resultNow().status()).sorted().toList();

      // Then
      assertThat(answers).containsExactly(200, 409, 409, 409);
    }
  }

  private static FrontDoor.Answer applyWith(String app, String integration) {
    return door.apply(
        operator,
        app,
        Map.of(
            "app_definition.yaml", definition(app, app) + "integrations: [" + integration + "]\n"));
  }

  private static List<String> sources(String app) {
    return door.get(operator, "/v1/apps/" + app + "/integrations")
        .body()
        .findValuesAsText("source");
  }

  @Test
  void shouldSayWhatHasNoEffect() {
    var answer =
        door.apply(
            operator,
            "noted",
            Map.of("app_definition.yaml", definition("noted", "x") + "stateStoreConfig: {}\n"));

    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(200);
    assertThat(answer.body().at("/remarks/0").asText())
        .contains("app_definition.yaml")
        .contains("stateStoreConfig has no effect");
  }

  @Test
  void shouldServeAVersionAtOnceAndNeverAnOlderOne() throws Exception {
    // Given
    int rounds = Seeds.SOAK ? 1_000 : 300;

    // When
    try (var pool = Executors.newFixedThreadPool(4)) {
      List<Callable<List<String>>> writers =
          java.util.stream.IntStream.range(0, 4)
              .<Callable<List<String>>>mapToObj(w -> () -> applyAndInvoke("app" + w, rounds / 4))
              .toList();
      List<String> wrong =
          pool.invokeAll(writers).stream().flatMap(f -> f.resultNow().stream()).toList();

      // Then
      assertThat(wrong).isEmpty();
    }
  }

  /// What went wrong in so many rounds of a new version and a call of it: the schema of each
  /// version accepts its own number only.
  private static List<String> applyAndInvoke(String app, int rounds) {
    List<String> wrong = new java.util.ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      String definition =
          definition(app, "v" + i)
              .replace("{function: echo}", "{function: echo}\n    inputSchema: {const: " + i + "}");
      var applied = door.apply(operator, app, Map.of("app_definition.yaml", definition));
      var invoked =
          door.post(operator, "/v1/apps/" + app + "/components/echo/invoke", Integer.toString(i));
      if (applied.status() != 200 || invoked.status() != 200) {
        wrong.add(i + ": " + applied + " then " + invoked);
      }
    }
    return wrong;
  }

  private static FrontDoor.Answer apply(String app, String name) {
    return door.apply(operator, app, Map.of("app_definition.yaml", definition(app, name)));
  }

  private static String definition(String app, String name) {
    return """
    appId: %s
    displayName: %s
    components:
      - componentId: echo
        handlerType: BUILTIN
        taskDetails: {function: echo}
    """
        .formatted(app, name);
  }
}
