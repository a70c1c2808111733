package dev.nexus.command.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.DefinitionStore.Change;
import dev.nexus.command.definition.LoadResult.Loaded;
import dev.nexus.command.definition.LoadResult.Refused;
import dev.nexus.event.TenantId;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.http.Fault;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleFileTest {
  private static final String PATH = "_jit_code/double.wasm";

  /// The shortest module that there is, with bytes behind it that no text has.
  private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0, 0, 3, 1, -1, -2};

  private static final String TEXT = Base64.getEncoder().encodeToString(MODULE);

  private final ApplicationLoader loader = new ApplicationLoader(new SchemaChecks(), "gpt-d");

  private LoadResult load(String details, String module) {
    String definition =
        "appId: a\ncomponents:\n  - componentId: double\n    handlerType: JIT\n" + details;
    return loader.load(
        ApplicationFiles.of(Map.of(ApplicationFiles.DEFINITION, definition, PATH, module)));
  }

  private String script(String details, String module) {
    LoadResult result = load("    taskDetails: {" + details + "}\n", module);
    assertThat(result).isInstanceOf(Loaded.class);
    var component = ((Loaded) result).application().component("double").orElseThrow();
    return component.detail("language") + " " + component.detail("script");
  }

  private List<String> faults(String details, String module) {
    LoadResult result = load(details, module);
    assertThat(result).isInstanceOf(Refused.class);
    return ((Refused) result).faults().stream().map(Fault::sentence).toList();
  }

  @Test
  void shouldBeFoundByNameEndingOrLanguage() {
    assertThat(script("script: double", TEXT)).isEqualTo("wasm " + TEXT);
    assertThat(script("script: double.wasm", TEXT)).isEqualTo("wasm " + TEXT);
    assertThat(script("script: _jit_code/double.wasm", TEXT)).isEqualTo("wasm " + TEXT);
    assertThat(script("script: double, language: wasm", TEXT)).isEqualTo("wasm " + TEXT);
  }

  /// As `base64` prints it.
  @Test
  void shouldTakeBase64InLines() {
    assertThat(script("script: double", TEXT.substring(0, 8) + "\r\n" + TEXT.substring(8) + "\n"))
        .isEqualTo("wasm " + TEXT);
  }

  @Test
  void shouldRefuseWhatIsNoModule() {
    assertThat(fault("(module)"))
        .isEqualTo(
            PATH + ": not a module: expected the bytes of a module in base64, found '(module)…'");
    assertThat(fault(base64(new byte[] {0x7f, 'E', 'L', 'F', 2})))
        .isEqualTo(PATH + ": not a module: expected 00 61 73 6d (\\0asm) first, found 7f 45 4c 46");
    assertThat(fault(base64(new byte[] {0, 'a', 's', 'm', 2, 0, 0, 0})))
        .isEqualTo(PATH + ": not a module: expected version 1 (01 00 00 00), found 02 00 00 00");
    assertThat(fault(base64(new byte[] {0, 'a', 's', 'm', 0x0d, 0, 1, 0})))
        .contains("expected version 1, as of the target wasm32-wasip1, found a component");
    assertThat(fault("")).contains("found its end");
  }

  @Test
  void shouldSayWhatFitsWhereAModuleIsTooLarge() {
    assertThat(fault(base64(Arrays.copyOf(MODULE, 700_000))))
        .isEqualTo(
            PATH
                + ": the module is too large: expected less than 691200 bytes, as an application"
                + " has at most 921600 with its modules in base64, found 700000 bytes");
  }

  private String fault(String module) {
    List<String> faults = faults("    taskDetails: {script: double}\n", module);
    assertThat(faults).hasSize(1);
    return faults.getFirst();
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  @Test
  void shouldRefuseAModuleAsALanguageOrInAPool() {
    assertThat(faults("    taskDetails: {script: double.wasm, language: python}\n", TEXT))
        .containsExactly(
            "app_definition.yaml:5:27: wrong script: expected a script in python, or language:"
                + " wasm, found "
                + PATH);
    assertThat(
            faults(
                "    targetPoolName: tools\n    taskDetails: {script: double}\n"
                    + "sandboxPools: [{poolName: tools}]\n",
                TEXT))
        .containsExactly(
            "app_definition.yaml:6:27: a module runs in no pool: expected a script in javascript or"
                + " python, or no targetPoolName, found "
                + PATH
                + " in pool tools");
  }

  @Test
  void shouldBeKeptAsItsBytes(@TempDir Path directory) throws Exception {
    // Given
    var store = new DefinitionStore(directory);
    var files = new TreeMap<>(Map.of(PATH, TEXT.substring(0, 4) + "\n" + TEXT.substring(4)));

    // When
    String revision =
        store.write(
            TenantId.DEFAULT,
            "a",
            files,
            Optional.empty(),
            new Change("key:abc", Instant.EPOCH, "Apply a"));

    // Then
    assertThat(store.files(TenantId.DEFAULT, "a", revision)).isEqualTo(Map.of(PATH, TEXT));
    try (Repository repository =
            new FileRepositoryBuilder()
                .setBare()
                .setGitDir(directory.resolve("default/a.git").toFile())
                .build();
        var commits = new RevWalk(repository);
        var walk =
            TreeWalk.forPath(
                repository, PATH, commits.parseCommit(ObjectId.fromString(revision)).getTree())) {
      assertThat(walk).isNotNull();
      assertThat(repository.open(walk.getObjectId(0)).getBytes()).isEqualTo(MODULE);
    }
  }
}
