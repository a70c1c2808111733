package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.embedded.EmbeddedStartException;
import dev.nexus.platform.config.InvalidSettingException;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.standalone.log.LogSilentException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// All commands under one name, and what a failure looks like: one line on stderr, or one JSON
/// object with `--json`, and an exit code that is not zero (1 failed, 2 called wrongly).
public final class Verbs {
  @Command(
      name = "nexus",
      description = "A self-hosted, event-sourced platform for AI applications.",
      synopsisSubcommandLabel = "COMMAND",
      optionListHeading = "%nOptions:%n",
      footerHeading = "%nExamples:%n",
      footer = {
        "  ./nexus up --detach               start the platform",
        "  ./nexus apply shop/               publish an application",
        "  ./nexus invoke shop classify --input '{\"text\":\"hello\"}'",
        "  ./nexus down                      stop it",
        "",
        "./nexus COMMAND --help explains a command.",
        "docs/cli.md and docs/settings.md list the NEXUS_* variables.",
      })
  private static final class Top {}

  /// The examples of the footer before the commands, which are many.
  private static final List<String> SECTIONS =
      List.of(
          UsageMessageSpec.SECTION_KEY_SYNOPSIS_HEADING,
          UsageMessageSpec.SECTION_KEY_SYNOPSIS,
          UsageMessageSpec.SECTION_KEY_DESCRIPTION,
          UsageMessageSpec.SECTION_KEY_FOOTER_HEADING,
          UsageMessageSpec.SECTION_KEY_FOOTER,
          UsageMessageSpec.SECTION_KEY_COMMAND_LIST,
          UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING,
          UsageMessageSpec.SECTION_KEY_OPTION_LIST);

  private static final Pattern NO_NUMBER =
      Pattern.compile("Invalid value for option '([^']+)'.*: '(.*)' is not an? (?:int|long)");

  private static final Pattern NO_PAIR =
      Pattern.compile("Value for (?:option )+'([^']+)'.* should be in .* format but was (.*)");

  private Verbs() {}

  /// Runs one command; returns the exit code.
  public static int run(Terminal terminal, String... arguments) {
    boolean json = Arrays.asList(arguments).contains("--json");
    CommandLine line = commandLine(terminal);
    line.setOut(terminal.out());
    line.setErr(terminal.err());
    IExecutionStrategy strategy = line.getExecutionStrategy();
    line.setExecutionStrategy(
        parsed -> {
          requireKnown(parsed);
          return strategy.execute(parsed);
        });
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          fail(terminal, json, failure);
          if (terminal.environment().containsKey("NEXUS_DEBUG")) {
            failure.printStackTrace(terminal.err());
          }
          return ExitCode.SOFTWARE;
        });
    line.setParameterExceptionHandler(
        (wrong, parsed) -> {
          fail(terminal, json, usage(wrong, parsed));
          return ExitCode.USAGE;
        });
    return line.execute(arguments);
  }

  static CommandLine commandLine(Terminal terminal) {
    // An option's own `@FILE` is a file with its value, not one with more arguments.
    CommandLine line = new CommandLine(new Top()).setExpandAtFiles(false);
    List.of(
            new Up(terminal),
            new Down(terminal),
            new Status(terminal),
            new Doctor(terminal),
            new Apply(terminal),
            new Invoke(terminal),
            new Publish(terminal),
            Integrations.commandLine(terminal),
            Executions.commandLine(terminal),
            Services.commandLine(terminal),
            Events.commandLine(terminal),
            DeadLetterVerbs.commandLine(terminal),
            Ingress.commandLine(terminal),
            new Verify(terminal),
            new Rebuild(terminal),
            Oracle.commandLine(terminal),
            Keys.commandLine(terminal),
            Grants.commandLine(terminal),
            new AotTraining(terminal),
            new ImageCheck(terminal))
        .forEach(line::addSubcommand);
    for (ContributedVerb verb : ServiceLoader.load(ContributedVerb.class)) {
      line.addSubcommand(verb.command(terminal));
    }
    addHelp(line);
    UsageMessageSpec help = line.getCommandSpec().usageMessage();
    help.sectionKeys(SECTIONS);
    help.sectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, new CommandList());
    return line;
  }

  private static void addHelp(CommandLine line) {
    line.getCommandSpec().mixinStandardHelpOptions(true);
    line.getCommandSpec().versionProvider(() -> new String[] {"nexus " + version()});
    line.getSubcommands().values().forEach(Verbs::addHelp);
  }

  private static String version() {
    String version = Verbs.class.getPackage().getImplementationVersion();
    return version == null ? "(unreleased)" : version;
  }

  /// Where help is asked for, the parser lets pass what it does not know, and the help of a group
  /// would be taken for that of a command it does not have.
  private static void requireKnown(ParseResult parsed) {
    CommandSpec command = parsed.commandSpec();
    List<String> unknown =
        parsed.unmatched().stream().filter(word -> !word.startsWith("-")).toList();
    if (!command.subcommands().isEmpty() && !unknown.isEmpty()) {
      throw new UnmatchedArgumentException(command.commandLine(), unknown);
    }
    if (parsed.hasSubcommand()) {
      requireKnown(parsed.subcommand());
    }
  }

  private static String usage(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    return what(wrong, command, arguments)
        + " (see './"
        + command.getCommandSpec().qualifiedName()
        + " --help')";
  }

  private static String what(ParameterException wrong, CommandLine command, String[] arguments) {
    return switch (wrong) {
      case UnmatchedArgumentException unmatched ->
          unknown(command, unmatched.getUnmatched().getFirst());
      // What is missing may be there under a name that nobody knows.
      case MissingParameterException missing ->
          Arrays.stream(arguments)
              .map(argument -> argument.replaceFirst("=.*", ""))
              .filter(argument -> argument.startsWith("--"))
              .filter(name -> !command.getCommandSpec().optionsMap().containsKey(name))
              .findFirst()
              .map(name -> unknown(command, name))
              .orElseGet(() -> oneLine(missing.getMessage()));
      default ->
          command.getSubcommands().isEmpty() || !isGroup(command)
              ? value(command, oneLine(wrong.getMessage()))
              : "which of " + String.join(", ", command.getSubcommands().keySet()) + "?";
    };
  }

  /// Whether a command does nothing of its own.
  private static boolean isGroup(CommandLine command) {
    Object does = command.getCommandSpec().userObject();
    return !(does instanceof Runnable || does instanceof Callable<?>);
  }

  /// What an option expects, where its library names types of Java.
  private static String value(CommandLine command, String said) {
    Matcher number = NO_NUMBER.matcher(said);
    if (number.matches()) {
      return number.group(1) + ": expected a whole number, found '" + number.group(2) + "'";
    }
    Matcher pair = NO_PAIR.matcher(said);
    if (!pair.matches()) {
      return said;
    }
    String label = command.getCommandSpec().findOption(pair.group(1)).paramLabel();
    return pair.group(1) + ": expected " + label + ", found '" + pair.group(2) + "'";
  }

  /// What somebody wrote that nobody knows, with the names that may have been meant.
  private static String unknown(CommandLine command, String found) {
    boolean option = found.startsWith("-");
    Collection<String> valid =
        option ? command.getCommandSpec().optionsMap().keySet() : commands(command);
    if (valid.isEmpty()) {
      return "nothing expected, found '" + found + "'";
    }
    List<String> near = NearestNames.of(found, valid);
    String said = (option ? "there is no option '" : "there is no command '") + found + "'";
    // A group has few commands; of all of them the help is the place to read.
    return near.isEmpty() && !option && command.getParent() != null
        ? said + "; there are: " + String.join(", ", valid)
        : said + NearestNames.advice(near);
  }

  private static Set<String> commands(CommandLine command) {
    Set<String> names = new LinkedHashSet<>(command.getSubcommands().keySet());
    if (command.getParent() == null) {
      names.addAll(CommandList.OF_THE_SCRIPT.keySet());
    }
    return names;
  }

  static String message(Throwable failure) {
    return switch (failure) {
      case CommandFailedException e -> oneLine(e.getMessage());
      case EmbeddedStartException e -> oneLine(e.getMessage());
      case InvalidSettingException e -> oneLine(e.getMessage());
      case CannotGoOnException e -> oneLine(e.getMessage());
      case LogSilentException e -> oneLine(e.getMessage());
      default -> unexpected(failure);
    };
  }

  /// Frameworks wrap what happened many times over; the innermost cause is what happened.
  private static String unexpected(Throwable failure) {
    var setting = InvalidSettingException.behind(failure);
    if (setting.isPresent()) {
      return oneLine(setting.get().getMessage());
    }
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return oneLine(cause.getClass().getSimpleName() + ": " + cause.getMessage());
  }

  private static String oneLine(@org.jspecify.annotations.Nullable String text) {
    return text == null ? "no reason was given" : text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  private static void fail(Terminal terminal, boolean json, Throwable failure) {
    if (!(failure instanceof CommandFailedException known)) {
      fail(terminal, json, message(failure));
    } else if (json) {
      ObjectNode answer = Terminal.object().put("error", message(known));
      if (!known.problem().isNull()) {
        answer.set("problem", known.problem());
      }
      terminal.print(answer);
    } else {
      fail(terminal, false, message(known));
      known.details().stream()
          .map(Verbs::oneLine)
          .filter(detail -> !message(known).contains(detail))
          .forEach(detail -> terminal.tell("  " + detail));
    }
  }

  private static void fail(Terminal terminal, boolean json, String message) {
    if (json) {
      terminal.print(Terminal.object().put("error", message));
    } else {
      terminal.tell("nexus: " + message);
    }
  }
}
