package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.promotion.Stage;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.Seeds;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A published version counts at once, and code proven for one prompt never serves another.
class DefinitionIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.ofClass();

  /// A module that writes what it reads.
  private static final String ECHO =
      "AGFzbQEAAAABFANgAABgBH9/f38Bf2AEf39/fwF/AkQCFndhc2lfc25hcHNob3RfcHJldmlldzEHZmRfcmVhZAABFndh"
          + "c2lfc25hcHNob3RfcHJldmlldzEIZmRfd3JpdGUAAgMCAQAFAwEAAgcKAQZfc3RhcnQAAgo1ATMAQQBBgAg2"
          + "AgBBBEHg1AM2AgBBAEEAQQFBCBAAGkEEQQgoAgA2AgBBAUEAQQFBCBABGgs=";

  private static final int TIMES = Seeds.SOAK ? 1_000 : 100;

  @Test
  void shouldServeTheVersionJustApplied() {
    for (int version = 1; version <= TIMES; version++) {
      // When
      platform.apply("fresh", number(version));
      JsonNode answer =
          PlatformExtension.json(
              platform.post("/v1/apps/fresh/components/number/invoke", "{}"), 200);

      // Then
      assertThat(answer.path("output").path("version").asInt()).isEqualTo(version);
    }
  }

  @Test
  void shouldNeverServeOldCodeForANewPromptAlsoWithoutTheOracle() {
    // Given a prompt whose answers proven code gives
    platform.apply("turncoat", prompt("Say yes to {{ input }}"));
    route("function handle(input) { return {answer: 'from code'}; }");
    Eventually.holds(() -> assertThat(answer().path("tier").asText()).isEqualTo("code"));
    platform.platform().context().getBeansOfType(NexusService.class).stream()
        .filter(service -> service.name().startsWith("oracle"))
        .forEach(NexusService::close);

    for (int i = 0; i < 20; i++) {
      // When the prompt changes
      platform.apply("turncoat", prompt("Say no to {{ input }}, number " + i));

      // Then the very next call is the model's
      assertThat(tierChosen()).isEqualTo("MODEL");
    }
  }

  @Test
  void shouldRunPython() {
    // Given
    String counting =
        """
        import collections
        def handle(input):
            if not input['word']:
                deopt('no word')
            return collections.Counter(input['word'])
        """;
    platform.apply(
        "snake",
        application("snake", "count", "JIT", "script: count", "_jit_code/count.py", counting));

    // When
    JsonNode answer =
        PlatformExtension.json(
            platform.post("/v1/apps/snake/components/count/invoke", "{\"word\":\"geese\"}"), 200);

    // Then
    assertThat(answer.path("output").toString()).isEqualTo("{\"g\":1,\"e\":3,\"s\":1}");
  }

  /// By the road of its author: a file of bytes, which `apply` sends and Git keeps.
  @Test
  void shouldRunAModule(@TempDir Path directory) throws IOException {
    // Given
    Files.writeString(
        directory.resolve("app_definition.yaml"),
        application("parrot", "say", "JIT", "script: echo.wasm", "unused", "")
            .at("/files/app_definition.yaml")
            .asText());
    Files.createDirectory(directory.resolve("_jit_code"));
    Files.write(directory.resolve("_jit_code/echo.wasm"), Base64.getDecoder().decode(ECHO));
    var applied =
        new Commands(platform.platform().dataDirectory()).run("apply", directory.toString());
    assertThat(applied.code()).as(applied.err()).isZero();

    // When
    JsonNode answer =
        PlatformExtension.json(
            platform.post("/v1/apps/parrot/components/say/invoke", "{\"word\":\"geese\"}"), 200);

    // Then
    assertThat(answer.path("output").toString()).isEqualTo("{\"word\":\"geese\"}");
  }

  private JsonNode answer() {
    return PlatformExtension.json(
        platform.post("/v1/apps/turncoat/components/word/invoke", "{\"x\":1}"), 200);
  }

  /// The tier of the step, whatever becomes of it: no model is configured here.
  private String tierChosen() {
    HttpResponse<String> accepted =
        platform.post("/v1/apps/turncoat/components/word/invoke?wait=0s", "{\"x\":1}");
    String id = PlatformExtension.json(accepted, 202).path("executionId").asText();
    HttpResponse<String> found =
        Eventually.value(
            () -> platform.get("/v1/executions/" + id),
            response -> response.statusCode() == 200 && response.body().contains("StepStarted"),
            "the step of " + id);
    JsonNode facts = PlatformExtension.json(found, 200);
    return facts.findValuesAsText("tier").stream()
        .filter(tier -> tier.equals("MODEL") || tier.equals("CODE"))
        .findFirst()
        .orElse("none");
  }

  private void route(String source) {
    var context = platform.platform().context();
    var component =
        context
            .getBean(DefinitionCatalog.class)
            .current(TenantId.DEFAULT, "turncoat")
            .orElseThrow()
            .application()
            .component("word")
            .orElseThrow();
    var set =
        new RouteSet(
            new Subject("word", component.identityDigest()),
            Stage.PROMOTED,
            new Candidate(1, NameIds.sha256(source)),
            source,
            1000,
            0,
            0,
            "salt");
    context
        .getBean(EventProducer.class)
        .send(
            EventCodec.of(Topic.ROUTES, RouteEvent.class),
            Keys.component(TenantId.DEFAULT, "turncoat", "word"),
            new Event<>(
                Envelope.of(
                    UUID.randomUUID(),
                    Clock.systemUTC().instant(),
                    TenantId.DEFAULT,
                    "turncoat",
                    "service:test"),
                set))
        .join();
  }

  private static ObjectNode number(int version) {
    return application(
        "fresh",
        "number",
        "JIT",
        "script: number",
        "_jit_code/number.js",
        "function handle(input) { return {version: " + version + "}; }");
  }

  private static ObjectNode prompt(String text) {
    return application(
        "turncoat",
        "word",
        "LLM",
        "promptTemplate: word",
        "prompts/word.yaml",
        "template: \"" + text + "\"\noutputFormat: json\n");
  }

  private static ObjectNode application(
      String app, String component, String type, String detail, String file, String content) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put(
            "app_definition.yaml",
            """
            appId: %s
            displayName: A test
            version: '1'
            components:
              - componentId: %s
                handlerType: %s
                taskDetails:
                  %s
            """
                .formatted(app, component, type, detail))
        .put(file, content);
    return body;
  }
}
