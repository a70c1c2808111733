package dev.nexus.command.definition;

import dev.nexus.command.definition.Located.Items;
import dev.nexus.command.definition.Located.Mark;
import dev.nexus.command.definition.Located.Scalar;
import dev.nexus.event.definition.AllowedCommand;
import dev.nexus.platform.command.ArgumentPattern;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads which commands an application may run: `securityConfig.allowedCommands`.
final class CommandReader {
  static final String FIELD = "allowedCommands";
  static final String CONFIG = "securityConfig";

  private static final String WRONG_ARGUMENT = "wrong argument";

  private final Faults faults;
  private final Map<AllowedCommand, Mark> taken = new HashMap<>();
  private int instructions;

  private CommandReader(Faults faults) {
    this.faults = faults;
  }

  static List<AllowedCommand> read(FieldReader root) {
    Optional<FieldReader> config = root.object(CONFIG);
    if (config.isEmpty()) {
      return List.of();
    }
    var reader = new CommandReader(root.faults());
    List<AllowedCommand> commands = reader.commands(config.get());
    config.get().withoutEffect("apiKeys", "interAppPermissions", "userRoles");
    config.get().finish();
    return commands;
  }

  private List<AllowedCommand> commands(FieldReader config) {
    List<AllowedCommand> commands = new ArrayList<>();
    for (Located item : config.list(FIELD)) {
      FieldReader.objectOf("command", item, faults)
          .ifPresent(fields -> commands.add(command(fields)));
    }
    if (commands.size() > AllowedCommand.MOST_COMMANDS) {
      faults.add(
          config.mark(FIELD),
          "too many commands",
          "at most " + AllowedCommand.MOST_COMMANDS,
          Integer.toString(commands.size()));
    }
    if (instructions > ArgumentPattern.MOST_INSTRUCTIONS) {
      faults.add(
          config.mark(FIELD),
          "expressions that are too large",
          "at most " + ArgumentPattern.MOST_INSTRUCTIONS + " instructions in all of them",
          Integer.toString(instructions));
    }
    // Their order says nothing, so it makes no other version either.
    commands.sort(
        Comparator.comparing(AllowedCommand::path)
            .thenComparing(command -> String.join("\0", command.args())));
    return List.copyOf(commands);
  }

  private AllowedCommand command(FieldReader fields) {
    String path = fields.requiredText("path");
    String wrong = path.isEmpty() ? "" : AllowedCommand.pathFault(path);
    if (!wrong.isEmpty()) {
      faults.add(fields.mark("path"), "wrong path", wrong, "'" + path + "'");
    }
    var command = new AllowedCommand(path, args(fields));
    fields.finish();
    Mark first = taken.putIfAbsent(command, fields.mark());
    if (first != null && !path.isEmpty()) {
      faults.add(
          fields.mark(),
          "the command " + path + " is allowed twice with the same arguments",
          "one; the first is at " + first.file() + ":" + first.line(),
          "another");
    }
    return command;
  }

  private List<String> args(FieldReader fields) {
    Optional<Located> field = fields.find("args");
    if (field.isPresent() && !(field.get() instanceof Items)) {
      faults.add(field.get().mark(), "wrong args", "a list", field.get().kind());
    }
    if (field.isEmpty() || !(field.get() instanceof Items(_, var items))) {
      return List.of();
    }
    if (items.size() > AllowedCommand.MOST_ARGUMENTS) {
      faults.add(
          field.get().mark(),
          "wrong args",
          AllowedCommand.argsFault(items.stream().map(Located::kind).toList()),
          Integer.toString(items.size()));
      return List.of();
    }
    List<String> args = new ArrayList<>();
    for (Located item : items) {
      boolean canRepeat = !args.isEmpty() && args.size() == items.size() - 1;
      args.add(arg(item, canRepeat));
    }
    return List.copyOf(args);
  }

  /// A number is no argument: `010` in a file is ten, and nobody could tell which was meant.
  private String arg(Located item, boolean canRepeat) {
    String text =
        item instanceof Scalar(_, var value) && value.isTextual() ? value.textValue() : "";
    if (!(item instanceof Scalar(_, var value)) || !value.isTextual()) {
      faults.add(item.mark(), WRONG_ARGUMENT, "a text, as in '1'", item.kind());
    } else if (text.equals(AllowedCommand.REPEATED)) {
      if (!canRepeat) {
        faults.add(
            item.mark(),
            WRONG_ARGUMENT,
            AllowedCommand.REPEATED + " at the end, behind what may repeat",
            text);
      }
    } else if (!AllowedCommand.argsFault(List.of(text)).isEmpty()) {
      faults.add(
          item.mark(),
          WRONG_ARGUMENT,
          AllowedCommand.argsFault(List.of(text)),
          text.length() + " characters");
    } else {
      try {
        instructions += ArgumentPattern.of(text).size();
      } catch (IllegalArgumentException e) {
        faults.add(item.mark(), WRONG_ARGUMENT, String.valueOf(e.getMessage()), "'" + text + "'");
      }
    }
    return text;
  }
}
