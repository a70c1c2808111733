package dev.nexus.command.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.LoadResult.Loaded;
import dev.nexus.command.definition.LoadResult.Refused;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.http.Fault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApplicationLoaderTest {
  private static final String PROMPT =
      """
      model: gpt-x
      parameters:
        temperature: 0
      template: |
        Sort {{ input.text }}
      outputSchema:
        type: object
      """;
  private static final String SCHEMA =
      """
      {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
      """;
  private static final String DEFINITION =
      """
      appId: orders
      displayName: Orders
      version: 1.2.0
      components:
        - componentId: sort
          handlerType: LLM
          taskDetails:
            prompt_template: sort
          inputSchema: schemas/in.schema.json
          timeout: 60s
          retry:
            maxAttempts: 2
          promotion:
            mode: auto
            target: 0.95
            cooldown: 1s
            canaryPermille: [200, 500]
        - componentId: echo
          handlerType: BUILTIN
          taskDetails: {function: echo}
        - componentId: upper
          handlerType: JIT
          taskDetails: {script: _jit_code/upper/v1/handler.js}
      triggers:
        - {triggerId: t, eventType: com.example.order, component: sort}
      integrations:
        - {integrationId: shop, source: "urn:shop", credentialKind: github-hmac, secretRef: shop}
      configuration:
        on: on
        code: 010
      """;

  private final ApplicationLoader loader = new ApplicationLoader(new SchemaChecks(), "gpt-d");
  private final Map<String, String> files = new TreeMap<>();

  ApplicationLoaderTest() {
    files.put("state/app_definition.yaml", DEFINITION);
    files.put("state/prompts/sort.yaml", PROMPT);
    files.put("state/schemas/in.schema.json", SCHEMA);
    files.put("state/_jit_code/upper/v1/handler.js", "function handle(i) { return i; }");
  }

  @Test
  void shouldNormaliseAnApplication() {
    // When
    ApplicationDefinition application = loaded().application();

    // Then
    var sort = application.component("sort").orElseThrow();
    assertThat(sort.handlerType()).isEqualTo(HandlerType.LLM);
    assertThat(sort.detail("promptTemplate")).isEqualTo("Sort {{ input.text }}\n");
    assertThat(sort.detail("model")).isEqualTo("gpt-x");
    assertThat(sort.inputSchema()).isEqualTo(CanonicalJson.read(SCHEMA));
    assertThat(sort.outputSchema().at("/type").asText()).isEqualTo("object");
    assertThat(sort.timeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(sort.retry().maxAttempts()).isEqualTo(2);
    assertThat(sort.promotion().automatic()).isTrue();
    assertThat(sort.promotion().canaryPermille()).containsExactly(200, 500);
    assertThat(sort.promotion().openExamples()).isEqualTo(PromotionPolicy.OFF.openExamples());
    assertThat(application.component("upper").orElseThrow().detail("script")).contains("handle");
    assertThat(application.triggers())
        .singleElement()
        .satisfies(t -> assertThat(t.source()).isEmpty());
    assertThat(application.integrations()).hasSize(1);
    assertThat(application.configuration().get("on").asText()).isEqualTo("on");
    assertThat(application.configuration().get("code").asInt()).isEqualTo(10);
  }

  @Test
  void shouldTellTheLanguageOfAScriptByItsEnding() {
    // Then
    assertThat(upper("language")).isEqualTo("javascript");

    // When there is one in Python under a name
    files.put("state/_jit_code/lower.py", "def handle(i): return i");
    files.put(
        "state/app_definition.yaml", DEFINITION.replace("_jit_code/upper/v1/handler.js", "lower"));

    // Then
    assertThat(upper("language")).isEqualTo("python");
    assertThat(upper("script")).isEqualTo("def handle(i): return i");

    // And where the language is named a script of that language is looked for
    files.put("state/_jit_code/lower.js", "function handle(i) { return i; }");
    files.put(
        "state/app_definition.yaml",
        DEFINITION.replace("_jit_code/upper/v1/handler.js", "lower, language: python"));
    assertThat(upper("script")).isEqualTo("def handle(i): return i");
  }

  private String upper(String detail) {
    return loaded().application().component("upper").orElseThrow().detail(detail);
  }

  @Test
  void shouldWriteTheDefaultModelIntoPromptsThatNameNone() {
    // Given
    files.put("state/prompts/sort.yaml", PROMPT.replace("model: gpt-x\n", ""));
    Loaded small = loaded();

    // Then
    assertThat(model(small, "sort")).isEqualTo("gpt-d");
    var other = (Loaded) new ApplicationLoader(new SchemaChecks(), "gpt-e").load(given());
    assertThat(model(other, "sort")).isEqualTo("gpt-e");
    assertThat(other.digest()).isNotEqualTo(small.digest());
    assertThat(identity(other, "sort")).isNotEqualTo(identity(small, "sort"));
    assertThat(identity(other, "upper")).isEqualTo(identity(small, "upper"));

    // And: what names one keeps it
    files.put(
        "state/app_definition.yaml",
        DEFINITION.replace("prompt_template: sort", "{template: 'Sort', model: gpt-own}"));
    assertThat(model(loaded(), "sort")).isEqualTo("gpt-own");
    files.put(
        "state/app_definition.yaml",
        DEFINITION.replace("prompt_template: sort", "template: Sort {{ input.text }}"));
    assertThat(model(loaded(), "sort")).isEqualTo("gpt-d");
  }

  private static String model(Loaded loaded, String component) {
    return loaded.application().component(component).orElseThrow().detail("model");
  }

  private static String identity(Loaded loaded, String component) {
    return loaded.application().component(component).orElseThrow().identityDigest();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {mode: auto}                                            | 434
          {mode: auto, target: 0.95}                              | 109
          {mode: auto, target: 0.95, openExamples: 50}            | 129
          {mode: auto, target: 0.95, alpha: 0.01}                 | 142
          {mode: auto, target: 0.9999999}                         | 1000000
          {mode: auto, target: 0.95, hotDistinctInputs: 7}        | 7
          """)
  void shouldMakeAComponentHotWithAsManyInputsAsCanProveIt(String promotion, int inputs) {
    // Given
    files.put(
        "state/app_definition.yaml",
        DEFINITION.replaceFirst("promotion:\n(      .*\n)+", "promotion: " + promotion + "\n"));

    // Then
    assertThat(loaded().application().component("sort").orElseThrow().promotion())
        .satisfies(p -> assertThat(p.hotDistinctInputs()).isEqualTo(inputs));
  }

  @Test
  void shouldGiveTheSameFilesTheSameDigestAndSurviveTheLog() {
    // When
    Loaded first = loaded();

    // Then
    assertThat(loaded().digest()).isEqualTo(first.digest()).hasSize(64);
    var read = CanonicalJson.fromJson(first.bundle(), ApplicationDefinition.class);
    assertThat(CanonicalJson.toJson(read)).isEqualTo(first.bundle());
    assertThat(read.component("sort").orElseThrow().identityDigest())
        .isEqualTo(first.application().component("sort").orElseThrow().identityDigest());
  }

  @Test
  void shouldAcceptTheRegistryOfTheSpecification() {
    // Given
    files.clear();
    files.put(
        "app_definition.yaml",
        """
        appId: a
        sandboxPools: {pools: []}
        stateStoreConfig: {type: git_yaml}
        initialComponentRegistry:
          components:
            - {componentId: x, handlerType: BUILTIN, taskDetails: {function: echo}}
        """);
    files.put(
        "component_registry.yaml",
        """
        components:
          - {componentId: y, handlerType: BUILTIN, taskDetails: {function: echo}}
        """);

    // Then
    assertThat(loaded().application().components())
        .extracting("componentId")
        .containsExactly("x", "y");
    assertThat(loaded().remarks())
        .singleElement()
        .satisfies(r -> assertThat(r.sentence()).contains("stateStoreConfig has no effect"));
  }

  @Test
  void shouldReportEveryFaultWithItsPlaceAndTheNearestName() {
    // Given
    files.put(
        "state/app_definition.yaml",
        """
        appId: Orders!
        components:
          - componentId: sort
            handlerTyp: LLM
            handlerType: LMM
            taskDetails: {promptTemplate: prompts/sort.yaml}
            timeout: soon
            inputSchema: schemas/im.schema.json
          - componentId: sort
            handlerType: BUILTIN
            taskDetails: {function: ecko}
            promotion: {target: 2, mode: atuo}
        triggers:
          - {triggerId: t, eventType: e, component: sorted}
        """);

    // When
    List<String> sentences = refused().stream().map(Fault::sentence).toList();

    // Then
    assertThat(sentences)
        .anyMatch(
            s -> s.startsWith("state/app_definition.yaml:1:8: wrong appId: expected lower-case"))
        .anyMatch(
            s ->
                s.startsWith("state/app_definition.yaml:4:5: unknown field")
                    && s.endsWith("found handlerTyp; did you mean handlerType?"))
        .anyMatch(
            s ->
                s.startsWith(
                        "state/app_definition.yaml:5:18: unknown handlerType: expected one of LLM")
                    && s.endsWith("did you mean LLM?"))
        .anyMatch(
            s -> s.startsWith("state/app_definition.yaml:7:14: wrong timeout: expected a duration"))
        .anyMatch(
            s ->
                s.startsWith("state/app_definition.yaml:8:18: no such file")
                    && s.endsWith("did you mean schemas/in.schema.json?"))
        .anyMatch(
            s ->
                s.startsWith("state/app_definition.yaml:9:18: the component sort is defined twice"))
        .anyMatch(
            s ->
                s.startsWith("state/app_definition.yaml:11:29: unknown function")
                    && s.endsWith("did you mean echo?"))
        .anyMatch(s -> s.startsWith("state/app_definition.yaml:12:25: wrong target"))
        .anyMatch(s -> s.startsWith("state/app_definition.yaml:12:34: unknown mode"))
        .anyMatch(
            s ->
                s.startsWith("state/app_definition.yaml:14:45: no such component")
                    && s.endsWith("did you mean sort?"))
        .hasSize(10);
    assertThat(refused()).extracting(Fault::line).isSorted();
  }

  /// What goes with a credential of no kind is nobody's fault.
  @Test
  void shouldReportAWrongCredentialOnce() {
    // Given
    files.put(
        "state/app_definition.yaml",
        """
        appId: orders
        components:
          - {componentId: sort, handlerType: BUILTIN, taskDetails: {function: echo}}
        integrations:
          - {integrationId: a, source: "urn:a", credentialKind: hmac, secretRef: shop, format: github}
          - {integrationId: b, source: "urn:b", secretRef: shop}
          - {integrationId: c, source: "urn:c", credentialKind: github-hmac, secretRef: "env:SHOP"}
        """);

    // When
    List<String> sentences = refused().stream().map(Fault::sentence).toList();

    // Then
    assertThat(sentences).hasSize(3);
    assertThat(sentences.get(2)).endsWith("found 'env:SHOP'; did you mean env:NEXUS_SECRET_SHOP?");
    assertThat(sentences.get(0))
        .startsWith("state/app_definition.yaml:5:")
        .contains("unknown credentialKind")
        .endsWith("found hmac; did you mean github-hmac?");
    assertThat(sentences.get(1)).endsWith("expected none, as credentialKind is none, found 'shop'");
  }

  @Test
  void shouldPointIntoTheFileThatIsBroken() {
    files.put("state/prompts/sort.yaml", "template: [1, 2\n");
    files.put("state/schemas/in.schema.json", "{\n  \"type\": \"objekt\"\n}");

    assertThat(refused())
        .extracting(Fault::sentence)
        .anyMatch(s -> s.startsWith("state/prompts/sort.yaml:2:1: not YAML"))
        .anyMatch(s -> s.startsWith("state/schemas/in.schema.json:2:11: not a JSON Schema"));
  }

  @Test
  void shouldReportAFaultInAPromptNobodyUsesYet() {
    files.put("state/prompts/later.yaml", "templat: x\n");

    assertThat(refused())
        .extracting(Fault::sentence)
        .anyMatch(s -> s.contains("later.yaml:1:1: unknown field"))
        .anyMatch(s -> s.contains("later.yaml:1:1: the field template is missing"));
  }

  @Test
  void shouldRefusePathsThatLeadElsewhere() {
    for (String path :
        List.of("../x", "/etc/passwd", "a//b", ".git/config", "a/.git/x", "a\\b", "")) {
      var wrong = new TreeMap<>(files);
      wrong.put(path, "x");
      assertThat(loader.load(ApplicationFiles.of(wrong)))
          .describedAs(path)
          .isInstanceOf(Refused.class);
    }
  }

  @Test
  void shouldSayWhichFileIsMissing() {
    var result = loader.load(ApplicationFiles.of(Map.of("app_definiton.yaml", "appId: a")));

    assertThat(((Refused) result).faults())
        .singleElement()
        .satisfies(f -> assertThat(f.nearest()).containsExactly("app_definiton.yaml"));
  }

  @Test
  void shouldNotExpandAnchorsWithoutEnd() {
    // Given
    var text = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 18; i++) {
      text.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    files.put("state/app_definition.yaml", text.toString());

    // Then
    assertThat(refused()).singleElement().satisfies(f -> assertThat(f.detail()).isNotEmpty());
  }

  @Test
  void shouldRefuseAnApplicationAboveTheLimitWithTheSizeFound() {
    // Given
    int room = 921_600 - bytes(loaded());
    files.put("state/prompts/sort.yaml", promptLongerBy(room));
    Loaded largest = loaded();
    files.put("state/prompts/sort.yaml", promptLongerBy(room + 1));

    // When
    List<String> sentences = refused().stream().map(Fault::sentence).toList();

    // Then
    assertThat(bytes(largest)).isEqualTo(921_600);
    assertThat(sentences)
        .containsExactly(
            "state/app_definition.yaml:1:1: the application is too large: expected at most 921600"
                + " bytes, normalised, found 921601 bytes");
  }

  private static int bytes(Loaded loaded) {
    return loaded.bundle().text().getBytes(StandardCharsets.UTF_8).length;
  }

  private static String promptLongerBy(int characters) {
    return PROMPT.replace("input.text }}", "input.text }}" + "x".repeat(characters));
  }

  private ApplicationFiles given() {
    return ApplicationFiles.of(files);
  }

  private Loaded loaded() {
    var result = loader.load(given());
    assertThat(result).isInstanceOf(Loaded.class);
    return (Loaded) result;
  }

  private List<Fault> refused() {
    var result = loader.load(given());
    assertThat(result).isInstanceOf(Refused.class);
    return ((Refused) result).faults();
  }
}
