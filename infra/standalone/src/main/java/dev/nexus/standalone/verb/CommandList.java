package dev.nexus.standalone.verb;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.CommandSpec;

/// All commands as the help lists them: by what somebody wants to do, and those that the script
/// `nexus` has of its own among them.
final class CommandList implements IHelpSectionRenderer {
  /// What the script does before this program is there, or without it. `bench` is one of its
  /// commands too, as the script alone puts its module on the class path.
  static final Map<String, String> OF_THE_SCRIPT =
      Map.of(
          "test", "Runs the whole test suite.",
          "images", "Builds container images: services for Compose, runners for code.",
          "bench", "Measures, next to the same work by the bare library.");

  private record Group(String heading, List<String> names) {}

  private static final List<Group> GROUPS =
      List.of(
          new Group("Start here", List.of("demo", "up", "status", "down")),
          new Group(
              "Use it",
              List.of(
                  "apply",
                  "invoke",
                  "publish",
                  "integrations",
                  "executions",
                  "services",
                  "ingress",
                  "events",
                  "oracle")),
          new Group(
              "Look after it",
              List.of("doctor", "dead-letters", "verify", "rebuild", "keys", "grants")),
          new Group("Develop, in a checkout", List.of("test", "images", "bench")));

  private static final int INDENT = 2;

  @Override
  public String render(Help help) {
    CommandSpec all = help.commandSpec();
    int names =
        INDENT
            + GROUPS.stream()
                .flatMap(group -> group.names().stream())
                .mapToInt(String::length)
                .max()
                .orElse(0);
    StringBuilder text = new StringBuilder();
    for (Group group : GROUPS) {
      TextTable table =
          TextTable.forColumns(
              help.colorScheme(),
              new Column(names, INDENT, Column.Overflow.SPAN),
              new Column(all.usageMessage().width() - names, INDENT, Column.Overflow.WRAP));
      group.names().forEach(name -> table.addRowValues(name, does(all, name)));
      text.append(help.createHeading("%n" + group.heading() + ":%n")).append(table);
    }
    return text.toString();
  }

  /// Fails for a name that is no command any more, which the help would list without a word.
  private static String does(CommandSpec all, String name) {
    CommandLine command = all.subcommands().get(name);
    return command == null
        ? Objects.requireNonNull(OF_THE_SCRIPT.get(name), name)
        : command.getCommandSpec().usageMessage().description()[0];
  }
}
