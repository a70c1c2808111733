package dev.nexus.command.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.LoadResult.Loaded;
import dev.nexus.command.definition.LoadResult.Refused;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.task.Lane;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.http.Fault;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoolReaderTest {
  private static final String FILE = "app_definition.yaml";
  private static final long MIB = 1L << 20;

  /// The component stands on the lines 2 to 5, what a test says follows from line 6 on.
  private static final String DEFINITION =
      """
      appId: orders
      components:
        - componentId: upper
          handlerType: JIT
          taskDetails: {script: upper}
      """;

  private static final String IN_TOOLS =
      DEFINITION.replace("JIT\n", "JIT\n    targetPoolName: tools\n");

  private final ApplicationLoader loader = new ApplicationLoader(new SchemaChecks(), "gpt-d");
  private final Map<String, String> files = new TreeMap<>();

  PoolReaderTest() {
    files.put("_jit_code/upper.py", "def handle(i): return i");
  }

  private Loaded loaded(String definition) {
    files.put(FILE, definition);
    var result = loader.load(ApplicationFiles.of(files));
    assertThat(result).isInstanceOf(Loaded.class);
    return (Loaded) result;
  }

  /// What is wrong, without the file it is in.
  private List<String> faults(String definition) {
    files.put(FILE, definition);
    var result = loader.load(ApplicationFiles.of(files));
    assertThat(result).isInstanceOf(Refused.class);
    return ((Refused) result)
        .faults().stream().map(f -> f.sentence().substring(FILE.length() + 1)).toList();
  }

  private PoolDefinition pool(String fields) {
    return loaded(DEFINITION + "sandboxPools: [{poolName: tools" + fields + "}]\n")
        .application()
        .pool("tools")
        .orElseThrow();
  }

  private String fault(String fields) {
    List<String> faults =
        faults(DEFINITION + "sandboxPools:\n  - {poolName: tools" + fields + "}\n");
    assertThat(faults).hasSize(1);
    return faults.getFirst();
  }

  @Test
  void shouldReadPoolsAndFillInWhatTheyLeaveOut() {
    // When
    ApplicationDefinition application =
        loaded(
                DEFINITION
                    + """
                    sandboxPools:
                      - poolName: tools
                        dockerImage: registry.example.com:5000/acme/tools:1.2
                        minInstances: 1
                        maxInstances: 4
                        resourceLimits: {cpuLimit: 2, memoryLimit: 1Gi}
                      - poolName: small
                    """)
            .application();

    // Then
    assertThat(application.pools())
        .containsExactly(
            new PoolDefinition("small", "", 0, 2, 1, 256 * MIB),
            new PoolDefinition(
                "tools", "registry.example.com:5000/acme/tools:1.2", 1, 4, 2, 1024 * MIB));
  }

  @Test
  void shouldReadPoolsAsTheSpecificationHasThem() {
    assertThat(
            loaded(DEFINITION + "sandboxPools: {pools: [{poolName: a}, {poolName: b}]}\n")
                .application()
                .pools())
        .extracting(PoolDefinition::poolName)
        .containsExactly("a", "b");
    assertThat(loaded(DEFINITION + "sandboxPools: {}\n").application().pools()).isEmpty();
  }

  /// What runs in no pool is, byte for byte, what it was before there were any.
  @Test
  void shouldGiveAnApplicationWithoutPoolsTheDigestItHadBefore() {
    Loaded plain = loaded(DEFINITION);
    assertThat(plain.bundle().text()).doesNotContain("pool");
    assertThat(loaded(DEFINITION + "sandboxPools: []\n").digest()).isEqualTo(plain.digest());
  }

  @Test
  void shouldMoveAScriptIntoAContainerByOneLine() {
    // Given
    ComponentDefinition before = upper(loaded(DEFINITION));
    String pools = "sandboxPools: [{poolName: tools}]\n";

    // When
    Loaded moved = loaded(IN_TOOLS + pools);

    // Then
    assertThat(before.lane()).isEqualTo(Lane.CODE);
    assertThat(upper(moved).pool()).isEqualTo("tools");
    assertThat(upper(moved).lane()).isEqualTo(Lane.CONTAINER);
    assertThat(upper(moved).identityDigest()).isEqualTo(before.identityDigest());
    assertThat(moved.remarks()).isEmpty();
    assertThat(CanonicalJson.fromJson(moved.bundle(), ApplicationDefinition.class))
        .isEqualTo(moved.application());
  }

  private static ComponentDefinition upper(Loaded loaded) {
    return loaded.application().component("upper").orElseThrow();
  }

  @Test
  void shouldFindPoolsForComponentsOfTheRegistry() {
    // Given
    files.put(
        "component_registry.yaml",
        """
        components:
          - componentId: upper
            handlerType: JIT
            targetPoolName: tools
            taskDetails: {script: upper}
        """);

    // Then
    assertThat(upper(loaded("appId: a\nsandboxPools: [{poolName: tools}]\n")).pool())
        .isEqualTo("tools");
  }

  @Test
  void shouldSayWhichPoolIsMeant() {
    assertThat(faults(IN_TOOLS + "sandboxPools: [{poolName: tool}, {poolName: other}]\n"))
        .containsExactly(
            "5:21: no such pool: expected one of other, tool, found tools; did you mean tool?");
    assertThat(faults(IN_TOOLS))
        .containsExactly(
            "5:21: no such pool: expected one of sandboxPools, where there is none, found tools");
    assertThat(
            faults(
                IN_TOOLS.replace("targetPoolName: tools", "targetPoolName: [tools]")
                    + "sandboxPools: [{poolName: tools}]\n"))
        .singleElement()
        .asString()
        .startsWith("5:21: no such pool: expected one of tools, found a list");
  }

  @Test
  void shouldSayThatWhatIsNoScriptRunsInNoPool() {
    // When
    Loaded loaded =
        loaded(
            IN_TOOLS.replace("JIT", "BUILTIN").replace("script: upper", "function: echo")
                + "sandboxPools: [{poolName: tools}]\n");

    // Then
    assertThat(upper(loaded).pool()).isEmpty();
    assertThat(loaded.remarks())
        .extracting(Fault::sentence)
        .containsExactly(FILE + ":5:21: targetPoolName has no effect in this version");
  }

  @Test
  void shouldNeedNoScriptWhereAnImageAnswersItself() {
    // Given
    String none = IN_TOOLS.replace("{script: upper}", "{}");

    // Then
    ComponentDefinition own =
        upper(loaded(none + "sandboxPools: [{poolName: tools, dockerImage: acme/tools}]\n"));
    assertThat(own.taskDetails()).isEmpty();
    assertThat(own.lane()).isEqualTo(Lane.CONTAINER);

    // And without an image, or without a pool, somebody must say what is to be run
    String missing = "the field script is missing: expected the path of a script, found nothing";
    assertThat(faults(none + "sandboxPools: [{poolName: tools}]\n"))
        .containsExactly("6:18: " + missing);
    assertThat(faults(DEFINITION.replace("{script: upper}", "{}")))
        .containsExactly("5:18: " + missing);
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.5",
    "\"0.5\", 0.5",
    "500m, 0.5",
    "\"2\", 2",
    "2, 2",
    "100m, 0.1",
    "64, 64",
    "1.5, 1.5",
  })
  void shouldReadProcessors(String written, double cpus) {
    assertThat(pool(", resourceLimits: {cpuLimit: " + written + "}").cpus()).isEqualTo(cpus);
  }

  @ParameterizedTest
  @CsvSource({
    "512M, 512000000",
    "512Mi, 536870912",
    "1G, 1000000000",
    "1Gi, 1073741824",
    "1.5Gi, 1610612736",
    "64Mi, 67108864",
    "65536Ki, 67108864",
    "64Gi, 68719476736",
  })
  void shouldReadMemory(String written, long bytes) {
    assertThat(pool(", resourceLimits: {memoryLimit: " + written + "}").memoryBytes())
        .isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "acme/tools",
        "tools:latest",
        "localhost:5000/tools",
        "ghcr.io/acme/tools__x/y-z.b:V1_2",
        "tools@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      })
  void shouldTakeReferencesOfImages(String image) {
    assertThat(pool(", dockerImage: '" + image + "'").image()).isEqualTo(image);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--privileged",
        "acme tools",
        "Acme",
        "acme//tools",
        "tools:",
        "tools@sha256:12",
        "https://ghcr.io/acme/tools",
        "a/../b",
      })
  void shouldRefuseWhatIsNoReferenceOfAnImage(String image) {
    assertThat(fault(", dockerImage: '" + image + "'"))
        .isEqualTo(
            "7:36: wrong dockerImage: expected the reference of an image such as"
                + " registry.example.com/acme/tools:1.2, found \""
                + image
                + "\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          minInstances: 33             | 7:37: wrong minInstances: expected a whole number from 0 to 32, found 33
          minInstances: -1             | 7:37: wrong minInstances: expected a whole number from 0 to 32, found -1
          maxInstances: 0              | 7:37: wrong maxInstances: expected a whole number from 1 to 32, found 0
          minInstances: 3, maxInstances: 2 | 7:54: wrong maxInstances: expected at least the 3 of minInstances, found 2
          resourceLimits: {cpuLimit: 0.09} | 7:50: wrong cpuLimit: expected processors from 0.1 to 64, such as 0.5 or 500m, found 0.09
          resourceLimits: {cpuLimit: 65} | 7:50: wrong cpuLimit: expected processors from 0.1 to 64, such as 0.5 or 500m, found 65
          resourceLimits: {cpuLimit: half} | 7:50: wrong cpuLimit: expected processors from 0.1 to 64, such as 0.5 or 500m, found "half"
          resourceLimits: {cpuLimit: []} | 7:50: wrong cpuLimit: expected processors from 0.1 to 64, such as 0.5 or 500m, found a list
          resourceLimits: {memoryLimit: 63Mi} | 7:53: wrong memoryLimit: expected memory from 64Mi to 64Gi, such as 256Mi or 1G, found "63Mi"
          resourceLimits: {memoryLimit: 65Gi} | 7:53: wrong memoryLimit: expected memory from 64Mi to 64Gi, such as 256Mi or 1G, found "65Gi"
          resourceLimits: {memoryLimit: 512} | 7:53: wrong memoryLimit: expected memory from 64Mi to 64Gi, such as 256Mi or 1G, found 512
          resourceLimits: small        | 7:39: wrong resourceLimits: expected an object, found "small"
          dockerImage: [a]             | 7:36: wrong dockerImage: expected the reference of an image such as registry.example.com/acme/tools:1.2, found a list
          """)
  void shouldRefuseWhatAPoolCannotHave(String fields, String fault) {
    assertThat(fault(", " + fields)).isEqualTo(fault);
  }

  @Test
  void shouldNameFieldsThatAreNone() {
    assertThat(fault(", dockerImg: a")).endsWith("found dockerImg; did you mean dockerImage?");
    assertThat(fault(", resourceLimits: {cpu: 1}"))
        .startsWith("7:40: unknown field: expected one of cpuLimit, memoryLimit, found cpu");
    assertThat(faults(DEFINITION + "sandboxPools: {pool: []}\n"))
        .containsExactly(
            "6:16: unknown field: expected one of pools, found pool; did you mean pools?");
    assertThat(faults(DEFINITION + "sandboxPools: tools\n"))
        .containsExactly("6:15: wrong sandboxPools: expected an object, found \"tools\"");
    assertThat(faults(DEFINITION + "sandboxPools: [tools]\n"))
        .containsExactly("6:16: wrong pool: expected an object, found \"tools\"");
  }

  @Test
  void shouldRefuseNamesThatAreNoneOrTaken() {
    assertThat(faults(DEFINITION + "sandboxPools: [{minInstances: 1}]\n"))
        .containsExactly("6:16: the field poolName is missing: expected a text, found nothing");
    assertThat(faults(DEFINITION + "sandboxPools: [{poolName: a b}]\n"))
        .singleElement()
        .asString()
        .startsWith("6:27: wrong poolName: expected letters, digits");
    assertThat(faults(DEFINITION + "sandboxPools: [{poolName: a}, {poolName: a}]\n"))
        .singleElement()
        .asString()
        .startsWith("6:42: the pool a is defined twice");
  }

  @Test
  void shouldRemarkOnQuotasAndMounts() {
    // When
    List<String> remarks =
        loaded(
                DEFINITION
                    + """
                    sandboxPools:
                      - poolName: tools
                        minInstances: 5
                        resourceLimits: {cpuLimit: 500m}
                        volumeMounts: [{name: a, path: /a}]
                    """)
            .remarks()
            .stream()
            .map(Fault::sentence)
            .toList();

    // Then
    assertThat(remarks)
        .satisfiesExactly(
            quota -> assertThat(quota).startsWith(FILE + ":9:32: a cpuLimit below 1"),
            mounts -> assertThat(mounts).contains("volumeMounts has no effect"));
    assertThat(pool(", minInstances: 5").maxInstances()).isEqualTo(5);
  }
}
