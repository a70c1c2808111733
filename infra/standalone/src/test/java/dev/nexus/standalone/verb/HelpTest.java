package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/// What commands say of themselves, and of what nobody knows.
class HelpTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Terminal terminal =
      new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), Map.of());

  /// Those that are for everybody.
  private static Stream<String> commands() {
    var nowhere = new PrintWriter(Writer.nullWriter());
    var terminal = new Terminal(nowhere, nowhere, Map.of());
    return Verbs.commandLine(terminal).getSubcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .filter(command -> !command.usageMessage().hidden())
        .map(command -> command.name());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void shouldExplainEveryCommandByExample(String verb) {
    // When
    int code = Verbs.run(terminal, verb, "--help");
    // Then
    assertThat(code).isZero();
    assertThat(out.toString()).contains("Examples:").contains("nexus " + verb);
  }

  @Test
  void shouldListEveryCommandOnceAmongThoseOfItsKindBehindTheExamples() {
    // When
    int code = Verbs.run(terminal, "--help");
    // Then
    assertThat(code).isZero();
    List<String> shown = out.toString().lines().toList();
    assertThat(shown).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(shown)
        .containsSubsequence(
            "Examples:",
            "Start here:",
            "Use it:",
            "Look after it:",
            "Develop, in a checkout:",
            "Options:");
    List<String> listed =
        shown.stream()
            .skip(shown.indexOf("Start here:"))
            .takeWhile(line -> !line.equals("Options:"))
            .filter(line -> line.matches("  [a-z].*"))
            .map(line -> line.strip().split(" ", 2)[0])
            .toList();
    assertThat(CommandList.OF_THE_SCRIPT).containsOnlyKeys("test", "images", "bench");
    Set<String> all = commands().collect(Collectors.toCollection(TreeSet::new));
    all.addAll(CommandList.OF_THE_SCRIPT.keySet());
    assertThat(listed).startsWith("demo", "up").containsExactlyInAnyOrderElementsOf(all);
  }

  /// What is wrapped cannot be pasted.
  @Test
  void shouldNotWrapExamples() {
    assertNotWrapped(Verbs.commandLine(terminal));
  }

  private static void assertNotWrapped(CommandLine command) {
    List<String> shown = command.getUsageMessage().lines().toList();
    for (String line : command.getCommandSpec().usageMessage().footer()) {
      assertThat(shown).as(command.getCommandSpec().qualifiedName()).contains(line);
    }
    command.getSubcommands().values().forEach(HelpTest::assertNotWrapped);
  }

  @Test
  void shouldNameTheNearestCommandWhenItIsUnknown() {
    // When
    int code = Verbs.run(terminal, "statsu");
    // Then
    assertThat(code).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("did you mean status");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "executions lisst | there is no command 'lisst'; did you mean list?"
            + " (see './nexus executions --help')",
        "executions lisst --help | there is no command 'lisst'; did you mean list?"
            + " (see './nexus executions --help')",
        "integrations add | there is no command 'add'; there are: list, register, remove"
            + " (see './nexus integrations --help')",
        "integrations add --help | there is no command 'add'; there are: list, register, remove"
            + " (see './nexus integrations --help')",
        "integrations add shop -h | there is no command 'add'; there are: list, register, remove"
            + " (see './nexus integrations --help')",
        "statsu --help | there is no command 'statsu'; did you mean status? (see './nexus --help')",
        "tset | there is no command 'tset'; did you mean test? (see './nexus --help')",
        "executions list --limt 3 | there is no option '--limt'; did you mean --limit?"
            + " (see './nexus executions list --help')",
        "executions list --limit x | --limit: expected a whole number, found 'x'"
            + " (see './nexus executions list --help')",
        "publish --extension Foo | --extension: expected NAME=TEXT, found 'Foo'"
            + " (see './nexus publish --help')",
        "keys issue --scop read | there is no option '--scop'; did you mean --scope?"
            + " (see './nexus keys issue --help')",
        "dead-letters | which of list, show, replay? (see './nexus dead-letters --help')",
        "down now | nothing expected, found 'now' (see './nexus down --help')"
      })
  void shouldSayWhatNobodyKnowsAndWhatIsNearest(String arguments, String said) {
    // When
    int code = Verbs.run(terminal, arguments.split(" "));
    // Then
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).isEqualToIgnoringNewLines("nexus: " + said);
  }

  /// A word behind `events` is a topic, and one behind `grants` a user, so these two explain
  /// themselves.
  @Test
  void shouldExplainNoGroupInPlaceOfACommandThatItDoesNotHave() {
    List<String> groups =
        Verbs.commandLine(terminal).getSubcommands().values().stream()
            .map(CommandLine::getCommandSpec)
            .filter(command -> !command.subcommands().isEmpty())
            .filter(command -> command.positionalParameters().isEmpty())
            .map(command -> command.name())
            .toList();
    assertThat(groups)
        .containsExactlyInAnyOrder(
            "integrations", "executions", "services", "dead-letters", "ingress", "oracle", "keys");
    for (String group : groups) {
      // When
      int code = Verbs.run(terminal, group, "nonesuch", "--help");
      // Then
      assertThat(code).as(group).isEqualTo(2);
      assertThat(err.toString()).as(group).contains("there is no command 'nonesuch'");
      err.getBuffer().setLength(0);
    }
    assertThat(out.toString()).isEmpty();
  }
}
