package dev.nexus.command.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.LoadResult.Loaded;
import dev.nexus.command.definition.LoadResult.Refused;
import dev.nexus.event.definition.AllowedCommand;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.task.Lane;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.http.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandReaderTest {
  private static final String FILE = "app_definition.yaml";

  /// Its commands follow from line 8 on.
  private static final String DEFINITION =
      """
      appId: shop
      sandboxPools: [{poolName: tools}]
      components:
        - componentId: run
          handlerType: BUILTIN
          targetPoolName: tools
          taskDetails: {function: core.linux.executeCommand}
      """;

  private static final String ALLOWED =
      "securityConfig: {allowedCommands: [{path: /usr/bin/jq}]}\n";

  private final ApplicationLoader loader = new ApplicationLoader(new SchemaChecks(), "gpt-d");

  private Loaded loaded(String definition) {
    var result = loader.load(ApplicationFiles.of(Map.of(FILE, definition)));
    assertThat(result).isInstanceOf(Loaded.class);
    return (Loaded) result;
  }

  /// What is wrong, without the file it is in.
  private List<String> faults(String definition) {
    var result = loader.load(ApplicationFiles.of(Map.of(FILE, definition)));
    assertThat(result).isInstanceOf(Refused.class);
    return ((Refused) result)
        .faults().stream().map(f -> f.sentence().substring(FILE.length() + 1)).toList();
  }

  @Test
  void shouldReadWhichCommandsAreAllowedAndWhereTheyRun() {
    // When
    Loaded loaded =
        loaded(
            DEFINITION
                + """
                securityConfig:
                  allowedCommands:
                    - path: /usr/local/bin/sed-wrapper
                      args: [-n, 're:s/[a-z]+/[a-z]+/', '...']
                    - {path: /usr/bin/jq, args: ['-n', "re:\\\\.[a-z.]*"]}
                    - {path: /usr/bin/jq, args: [--version]}
                    - path: /bin/date
                """);

    // Then
    ApplicationDefinition application = loaded.application();
    assertThat(application.allowedCommands())
        .containsExactly(
            new AllowedCommand("/bin/date", List.of()),
            new AllowedCommand("/usr/bin/jq", List.of("--version")),
            new AllowedCommand("/usr/bin/jq", List.of("-n", "re:\\.[a-z.]*")),
            new AllowedCommand(
                "/usr/local/bin/sed-wrapper", List.of("-n", "re:s/[a-z]+/[a-z]+/", "...")));
    var component = application.component("run").orElseThrow();
    assertThat(component.pool()).isEqualTo("tools");
    assertThat(component.lane()).isEqualTo(Lane.CONTAINER);
    assertThat(component.inputSchema().path("required").toString()).isEqualTo("[\"command\"]");
    assertThat(loaded.remarks()).isEmpty();
    assertThat(CanonicalJson.fromJson(loaded.bundle(), ApplicationDefinition.class))
        .isEqualTo(application);
  }

  @Test
  void shouldReadTheExampleOfTheManual() throws IOException {
    // Given
    String page = Files.readString(Path.of("../docs/applications.md"));
    String chapter = page.substring(page.indexOf("\n### Commands\n"));
    int begin = chapter.indexOf("```yaml\n") + "```yaml\n".length();
    String example = chapter.substring(begin, chapter.indexOf("```", begin));

    // When
    ApplicationDefinition application = loaded("appId: shop\n" + example).application();

    // Then
    assertThat(application.allowedCommands()).hasSize(3);
    assertThat(application.component("run").orElseThrow().lane()).isEqualTo(Lane.CONTAINER);
  }

  @Test
  void shouldMakeNoOtherVersionOfAnotherOrderNorOfNoCommands() {
    String one = "{path: /bin/a, args: [x]}";
    String other = "{path: /bin/a}";
    assertThat(loaded(DEFINITION + commands(one + ", " + other)).digest())
        .isEqualTo(loaded(DEFINITION + commands(other + ", " + one)).digest());

    String echo = DEFINITION.replace("core.linux.executeCommand", "echo");
    assertThat(loaded(echo + "securityConfig: {}\n").digest()).isEqualTo(loaded(echo).digest());
    assertThat(loaded(echo + commands("")).digest()).isEqualTo(loaded(echo).digest());
  }

  private static String commands(String items) {
    return "securityConfig: {allowedCommands: [" + items + "]}\n";
  }

  @Test
  void shouldRefuseAComponentThatCouldRunNothing() {
    String nothing =
        "7:29: no command is allowed: expected securityConfig.allowedCommands with what may be run,"
            + " found none";
    assertThat(faults(DEFINITION)).containsExactly(nothing);
    assertThat(faults(DEFINITION + commands(""))).containsExactly(nothing);
  }

  @Test
  void shouldRefuseAComponentWithoutAPool() {
    String without = DEFINITION.replace("    targetPoolName: tools\n", "");
    assertThat(faults(without + ALLOWED))
        .containsExactly(
            "4:5: the field targetPoolName is missing: expected a pool, as"
                + " core.linux.executeCommand runs in containers only, found nothing");
    assertThat(
            faults(DEFINITION.replace("targetPoolName: tools", "targetPoolName: tool") + ALLOWED))
        .containsExactly(
            "6:21: no such pool: expected one of tools, found tool; did you mean tools?");
  }

  @Test
  void shouldGiveOtherFunctionsNoPool() {
    // When
    Loaded loaded = loaded(DEFINITION.replace("core.linux.executeCommand", "echo") + ALLOWED);

    // Then
    assertThat(loaded.application().component("run").orElseThrow().pool()).isEmpty();
    assertThat(loaded.remarks())
        .extracting(Fault::sentence)
        .containsExactly(FILE + ":6:21: targetPoolName has no effect in this version");
  }

  @Test
  void shouldNameTheFunctionThatIsMeant() {
    assertThat(faults(DEFINITION.replace("executeCommand", "execCommand") + ALLOWED))
        .singleElement()
        .asString()
        .endsWith("did you mean core.linux.executeCommand?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {path: jq} | 8:43: wrong path: expected the full path of a program such as /usr/bin/jq, without '..', '//' or a '/' at its end, found 'jq'
          {path: /usr/../bin/jq} | 8:43: wrong path: expected the full path of a program such as /usr/bin/jq, without '..', '//' or a '/' at its end, found '/usr/../bin/jq'
          {path: /tmp/jq} | 8:43: wrong path: expected a program of the image, which nothing below /tmp is, found '/tmp/jq'
          {path: /bin/sh, args: [-c, 're:.*']} | 8:43: wrong path: expected a program that is no shell, as a shell runs whatever its arguments say, found '/bin/sh'
          {args: [a]} | 8:36: the field path is missing: expected a text, found nothing
          {path: /a}, /usr/bin/jq | 8:48: wrong command: expected an object, found "/usr/bin/jq"
          {path: /a, arg: [a]} | 8:47: unknown field: expected one of path, args, found arg; did you mean args?
          {path: /a, args: x} | 8:53: wrong args: expected a list, found "x"
          {path: /a, args: [1]} | 8:54: wrong argument: expected a text, as in '1', found 1
          {path: /a, args: [[]]} | 8:54: wrong argument: expected a text, as in '1', found a list
          {path: /a, args: ['...']} | 8:54: wrong argument: expected ... at the end, behind what may repeat, found ...
          {path: /a, args: [x, '...', y]} | 8:57: wrong argument: expected ... at the end, behind what may repeat, found ...
          {path: /a, args: ['re:[a-']} | 8:54: wrong argument: expected a regular expression of RE2 (missing closing ]), found 're:[a-'
          {path: /a, args: ['re:(a{1000}){1000}']} | 8:54: wrong argument: expected an expression without \\Q and without a group that is counted, as (ab){2} is, found 're:(a{1000}){1000}'
          {path: /a}, {path: /a, args: []} | 8:48: the command /a is allowed twice with the same arguments: expected one; the first is at app_definition.yaml:8, found another
          """)
  void shouldRefuseWhatIsNoCommand(String commands, String fault) {
    assertThat(faults(DEFINITION + commands(commands))).containsExactly(fault);
  }

  @Test
  void shouldBoundWhatCommandsAre() {
    assertThat(faults(DEFINITION + commands("{path: /a, args: [" + "x, ".repeat(65) + "]}")))
        .containsExactly("8:53: wrong args: expected at most 64 arguments, found 65");
    assertThat(faults(DEFINITION + commands("{path: /a, args: [" + "x".repeat(1_025) + "]}")))
        .containsExactly(
            "8:54: wrong argument: expected arguments of at most 1024 characters, none of which is"
                + " NUL, found 1025 characters");
    assertThat(faults(DEFINITION + commands(each(65, "{path: /a%d}"))))
        .containsExactly("8:35: too many commands: expected at most 64, found 65");
    assertThat(faults(DEFINITION + commands(each(11, "{path: /a%d, args: ['re:[a-z]{950}']}"))))
        .singleElement()
        .asString()
        .startsWith("8:35: expressions that are too large: expected at most 10000 instructions");
  }

  private static String each(int count, String command) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < count; i++) {
      all.append(command.formatted(i)).append(", ");
    }
    return all.toString();
  }

  @Test
  void shouldNameFieldsOfTheConfigurationThatHaveNoEffectAndThoseThatAreNone() {
    assertThat(loaded(DEFINITION + ALLOWED.replace("}]}", "}], apiKeys: []}")).remarks())
        .extracting(Fault::sentence)
        .singleElement()
        .asString()
        .endsWith("apiKeys has no effect in this version");
    assertThat(faults(DEFINITION + "securityConfig: {allowedCommand: []}\n"))
        .anyMatch(fault -> fault.endsWith("found allowedCommand; did you mean allowedCommands?"));
    assertThat(faults(DEFINITION + "securityConfig: all\n"))
        .contains("8:17: wrong securityConfig: expected an object, found \"all\"");
  }
}
