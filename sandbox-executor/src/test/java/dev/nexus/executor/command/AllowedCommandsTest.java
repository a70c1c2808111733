package dev.nexus.executor.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.AllowedCommand;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedCommandsTest {
  private static final String JQ = "/usr/bin/jq";

  private final AllowedCommands commands =
      new AllowedCommands(
          List.of(
              new AllowedCommand("/bin/date", List.of()),
              new AllowedCommand(JQ, List.of("--version")),
              new AllowedCommand(JQ, List.of("-n", "re:[a-z.]+")),
              new AllowedCommand("/bin/cat", List.of("-A", "re:/usr/share/[a-z/]+", "..."))));

  private static CommandRequest request(String command, String... args) {
    return new CommandRequest(command, List.of(args), Duration.ZERO);
  }

  private String refusal(String command, String... args) {
    return commands.refusal(request(command, args)).orElse("");
  }

  @Test
  void shouldAllowWhatFitsOneOfThem() {
    assertThat(refusal("/bin/date")).isEmpty();
    assertThat(refusal(JQ, "--version")).isEmpty();
    assertThat(refusal(JQ, "-n", "input.a")).isEmpty();
    assertThat(refusal("/bin/cat", "-A", "/usr/share/a")).isEmpty();
    assertThat(refusal("/bin/cat", "-A", "/usr/share/a", "/usr/share/b/c")).isEmpty();
  }

  /// A path is a text: what leads to the same file is another one.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/bin/sh",
        "jq",
        "./jq",
        "/usr/bin/jq/",
        "/usr/bin//jq",
        "/usr/bin/../bin/jq",
        "/usr/bin/./jq",
        "/bin/jq",
        "/proc/self/root/usr/bin/jq",
        "/usr/bin/jq ",
        "/usr/bin/jq\n",
        "/USR/BIN/JQ",
        "/usr/bin/jq --version",
        "re:/usr/bin/jq",
      })
  void shouldRefuseEveryOtherPath(String path) {
    assertThat(refusal(path, "--version")).contains("is not allowed: one of [/bin/date, " + JQ);
  }

  @Test
  void shouldNameTheNearestCommandAndTheNearestArguments() {
    assertThat(refusal("/usr/bin/jg"))
        .isEqualTo(
            "the command '/usr/bin/jg' is not allowed: one of [/bin/date, /usr/bin/jq, /bin/cat]"
                + " expected (did you mean '/usr/bin/jq'?)");
    assertThat(refusal("/bin/date", "-s", "now"))
        .isEqualTo("these arguments of /bin/date are not allowed: at most 0 expected, found 2");
    assertThat(refusal(JQ, "-n", "a b"))
        .isEqualTo(
            "these arguments of /usr/bin/jq are not allowed: args[1]: 're:[a-z.]+' expected, found"
                + " 'a b', in the nearest of the 2 ways it is allowed");
    assertThat(refusal("/bin/cat"))
        .isEqualTo(
            "these arguments of /bin/cat are not allowed: args[0]: '-A' expected, found nothing");
    assertThat(refusal("/bin/cat", "-A"))
        .endsWith("args[1]: 're:/usr/share/[a-z/]+' expected, found nothing");
    assertThat(refusal("/bin/cat", "-A", "/usr/share/a", "-n"))
        .endsWith(
            "args[2]: 're:/usr/share/[a-z/]+', which does not begin with '-' and so fits no option,"
                + " expected, found '-n'");
  }

  @Test
  void shouldShowNoMoreThanTheBeginningOfWhatWasAskedFor() {
    assertThat(refusal("/" + "x".repeat(8_000))).hasSizeLessThan(500);
    assertThat(refusal(JQ, "x".repeat(8_000))).hasSizeLessThan(500);
  }

  @Test
  void shouldAllowNothingWhereNothingIsAllowed() {
    assertThat(new AllowedCommands(List.of()).refusal(request(JQ))).isPresent();
  }

  /// Texts allow themselves and nothing else, however they look.
  @Property
  boolean shouldAllowTheArgumentsThatAreWrittenAndNoOthers(
      @ForAll("arguments") List<String> written, @ForAll("arguments") List<String> asked) {
    var only = new AllowedCommands(List.of(new AllowedCommand("/bin/a", written)));
    boolean isAllowed = only.refusal(new CommandRequest("/bin/a", asked, Duration.ZERO)).isEmpty();
    return isAllowed == written.equals(asked);
  }

  @Provide
  static Arbitrary<List<String>> arguments() {
    return Arbitraries.of("", " ", "-", "--", "-c", "*", ".*", "a", "a b", "$(id)", ";", "\n", "..")
        .list()
        .ofMaxSize(3);
  }
}
