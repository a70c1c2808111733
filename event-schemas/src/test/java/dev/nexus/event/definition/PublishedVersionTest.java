package dev.nexus.event.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.event.task.Lane;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PublishedVersionTest {
  private static final Json BUNDLE = CanonicalJson.toJson(application());

  private static ApplicationDefinition application() {
    var schema = JsonNodeFactory.instance.objectNode();
    var component =
        new ComponentDefinition(
            "classify",
            "says what it is",
            HandlerType.LLM,
            Map.of(),
            schema,
            schema,
            "equal",
            "reported",
            Duration.ofSeconds(30),
            RetryPolicy.DEFAULT,
            PromotionPolicy.OFF);
    var trigger = new TriggerDefinition("t", "*", "", "", "", "", Map.of(), "classify");
    var integration = new IntegrationDefinition("i", "urn:i", IntegrationDefinition.NONE, "", "");
    return new ApplicationDefinition(
        "lab", "Lab", "1", List.of(component), List.of(trigger), List.of(integration), Map.of());
  }

  private static VersionPublished version(Json bundle) {
    return new VersionPublished(NameIds.sha256(bundle.text()), "revision", bundle);
  }

  private static Arguments without(String field, Consumer<ObjectNode> removal) {
    return arguments(field, removal);
  }

  static Stream<Arguments> lacking() {
    return Stream.concat(
        Stream.of("components", "triggers", "integrations", "configuration", "version")
            .map(field -> without(field, all -> all.remove(field))),
        Stream.of("componentId", "handlerType", "taskDetails", "inputSchema", "retry", "promotion")
            .map(field -> without(field, all -> component(all).remove(field))));
  }

  private static ObjectNode component(ObjectNode bundle) {
    return (ObjectNode) bundle.at("/components/0");
  }

  private static Json with(Consumer<ObjectNode> change) {
    ObjectNode bundle = (ObjectNode) CanonicalJson.read(BUNDLE);
    change.accept(bundle);
    return new Json(CanonicalJson.write(bundle));
  }

  @Test
  void shouldReadWhatAServicePublishes() {
    assertThat(PublishedVersion.read("lab", version(BUNDLE))).isEqualTo(application());
  }

  @ParameterizedTest
  @MethodSource("lacking")
  void shouldRefuseAVersionThatLacksAPart(String field, Consumer<ObjectNode> removal) {
    assertThatThrownBy(() -> PublishedVersion.read("lab", version(with(removal))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(field + " expected, found nothing");
  }

  @Test
  void shouldRefuseNumbersThatNobodyCanGoBy() {
    refuse(all -> component(all).put("timeout", "PT-1S"), "timeout of 0 to 366 days");
    refuse(all -> component(all).put("timeout", "PT2562047788015H"), "timeout of 0 to 366 days");
    refuse(
        all -> ((ObjectNode) component(all).get("retry")).put("maxAttempts", 0), "maxAttempts of");
    refuse(all -> ((ObjectNode) component(all).get("promotion")).put("alpha", 2), "alpha of 0");
    refuse(
        all -> ((ObjectNode) component(all).get("promotion")).putArray("canaryPermille").addNull(),
        "canaryPermille expected");
    refuse(all -> all.withArray("components").add(component(all).deepCopy()), "one classify");
  }

  private static void refuse(Consumer<ObjectNode> change, String reason) {
    assertThatThrownBy(() -> PublishedVersion.read("lab", version(with(change))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  private static final PoolDefinition POOL = new PoolDefinition("tools", "", 0, 2, 1, 256L << 20);

  /// The same with a pool, in which the component runs.
  private static ApplicationDefinition pooled() {
    var one = application();
    ObjectNode bundle = (ObjectNode) CanonicalJson.read(BUNDLE);
    component(bundle).put("pool", "tools").put("handlerType", "JIT");
    var component =
        CanonicalJson.fromJson(new Json(component(bundle).toString()), ComponentDefinition.class);
    return new ApplicationDefinition(
        one.appId(),
        one.displayName(),
        one.version(),
        List.of(component),
        one.triggers(),
        one.integrations(),
        one.configuration(),
        List.of(POOL));
  }

  @Test
  void shouldReadPoolsAndWhoRunsInThem() {
    // Given
    Json bundle = CanonicalJson.toJson(pooled());

    // When
    ApplicationDefinition read = PublishedVersion.read("lab", version(bundle));

    // Then
    assertThat(read).isEqualTo(pooled());
    assertThat(read.pool("tools")).contains(POOL);
    assertThat(read.pool("others")).isEmpty();
    var component = read.component("classify").orElseThrow();
    assertThat(component.lane()).isEqualTo(Lane.CONTAINER);
  }

  /// What was published before there were pools is the same text as what is published without any,
  /// or every application would become another version with a release.
  @Test
  void shouldWriteNothingAboutPoolsWhereThereAreNone() {
    assertThat(BUNDLE.text()).doesNotContain("pool");
    var read = PublishedVersion.read("lab", version(BUNDLE));
    assertThat(read.pools()).isEmpty();
    assertThat(read.components()).allSatisfy(c -> assertThat(c.pool()).isEmpty());
    assertThat(CanonicalJson.toJson(read)).isEqualTo(BUNDLE);
  }

  @Test
  void shouldRefusePoolsThatNobodyCanRun() {
    refusePool(pool -> pool.remove("poolName"), "poolName expected, found nothing");
    refusePool(pool -> pool.put("poolName", ""), "a poolName expected");
    refusePool(pool -> pool.remove("image"), "image expected, found nothing");
    refusePool(pool -> pool.put("maxInstances", 0), "maxInstances of 1 to 32");
    refusePool(pool -> pool.put("maxInstances", 33), "maxInstances of 1 to 32");
    refusePool(pool -> pool.put("minInstances", 3), "minInstances of 0 to 2");
    refusePool(pool -> pool.put("cpus", 0), "cpus of 0.1 to 64");
    refusePool(pool -> pool.put("memoryBytes", 1), "memoryBytes of 64 MiB to 64 GiB");
    refusePool(pool -> pool.put("poolName", "others"), "classify: a pool of the application");
    refuse(all -> component(all).put("pool", "tools"), "classify: a pool of the application");
    refuse(
        all -> {
          ObjectNode pool = all.putArray("pools").addObject();
          pool.setAll((ObjectNode) CanonicalJson.read(CanonicalJson.toJson(POOL)));
          all.withArray("pools").add(pool.deepCopy());
        },
        "one pool tools expected, found two");
  }

  private static void refusePool(Consumer<ObjectNode> change, String reason) {
    ObjectNode bundle = (ObjectNode) CanonicalJson.read(CanonicalJson.toJson(pooled()));
    change.accept((ObjectNode) bundle.at("/pools/0"));
    Json changed = new Json(CanonicalJson.write(bundle));
    assertThatThrownBy(() -> PublishedVersion.read("lab", version(changed)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void shouldReadWhichCommandsAreAllowedAndWriteNothingWhereThereAreNone() {
    // Given
    ObjectNode bundle = (ObjectNode) CanonicalJson.read(BUNDLE);
    bundle.putArray("allowedCommands").addObject().put("path", "/bin/date").putArray("args");

    // When
    var read = PublishedVersion.read("lab", version(new Json(CanonicalJson.write(bundle))));

    // Then
    assertThat(read.allowedCommands()).containsExactly(new AllowedCommand("/bin/date", List.of()));
    assertThat(CanonicalJson.toJson(read).text()).isEqualTo(CanonicalJson.write(bundle));
    assertThat(BUNDLE.text()).doesNotContain("allowedCommands");
  }

  @Test
  void shouldRefuseCommandsThatNoServicePublishes() {
    refuseCommand(command -> command.remove("path"), "path expected, found nothing");
    refuseCommand(command -> command.put("path", "date"), "the full path of a program");
    refuseCommand(command -> command.put("path", "/bin/sh"), "no shell");
    refuseCommand(command -> command.putArray("args").add("..."), "... at the end");
    refuseCommand(command -> command.putArray("args").addNull(), "");
  }

  private static void refuseCommand(Consumer<ObjectNode> change, String reason) {
    refuse(
        all -> {
          ObjectNode command = all.putArray("allowedCommands").addObject().put("path", "/bin/date");
          change.accept(command);
        },
        reason);
  }

  @Test
  void shouldRunCommandsInContainersOnly() {
    var application = pooled();
    ObjectNode bundle = (ObjectNode) CanonicalJson.read(CanonicalJson.toJson(application));
    component(bundle)
        .put("handlerType", "BUILTIN")
        .putObject("taskDetails")
        .put("function", Builtin.EXECUTE_COMMAND.function());
    var commands = CanonicalJson.fromJson(new Json(bundle.toString()), ApplicationDefinition.class);
    component(bundle).putObject("taskDetails").put("function", Builtin.ECHO.function());
    var echo = CanonicalJson.fromJson(new Json(bundle.toString()), ApplicationDefinition.class);

    assertThat(commands.components().getFirst().lane()).isEqualTo(Lane.CONTAINER);
    assertThat(commands.components().getFirst().runsCommands()).isTrue();
    assertThat(echo.components().getFirst().lane()).isEqualTo(Lane.CODE);
  }

  @Test
  void shouldRefuseAnotherApplicationAndAnotherContentThanItsDigestSays() {
    var other = new VersionPublished(NameIds.sha256("other"), "revision", BUNDLE);
    assertThatThrownBy(() -> PublishedVersion.read("lab", other))
        .hasMessageContaining("a bundle of the digest");
    assertThatThrownBy(() -> PublishedVersion.read("other", version(BUNDLE)))
        .hasMessageContaining("application other expected, found lab");
  }
}
