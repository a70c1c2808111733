package dev.nexus.executor.command;

import dev.nexus.event.Excerpt;
import dev.nexus.event.definition.AllowedCommand;
import dev.nexus.executor.work.NearestName;
import dev.nexus.platform.command.ArgumentPattern;
import dev.nexus.platform.command.ArgumentPattern.Expression;
import java.util.List;
import java.util.Optional;

/// Tells whether an application allows a command. A path is a text here: the one asked for has to
/// be one that is allowed, character by character, whatever else leads to the same file.
final class AllowedCommands {
  private static final int SHOWN = 200;

  private final List<AllowedCommand> allowed;

  AllowedCommands(List<AllowedCommand> allowed) {
    this.allowed = allowed;
  }

  /// Why a command is refused, and what would do; empty when it is allowed. Throws
  /// `IllegalArgumentException` where what is allowed cannot be read.
  Optional<String> refusal(CommandRequest request) {
    List<AllowedCommand> ofPath =
        allowed.stream().filter(c -> c.path().equals(request.command())).toList();
    if (ofPath.isEmpty()) {
      List<String> paths = allowed.stream().map(AllowedCommand::path).distinct().toList();
      return Optional.of(
          "the command "
              + quoted(request.command())
              + " is not allowed: one of "
              + paths
              + " expected"
              + NearestName.hint(request.command(), paths));
    }
    Optional<Mismatch> nearest = Optional.empty();
    for (AllowedCommand command : ofPath) {
      Optional<Mismatch> mismatch = mismatch(command, request.args());
      if (mismatch.isEmpty()) {
        return Optional.empty();
      }
      if (nearest.isEmpty() || mismatch.get().argument() > nearest.get().argument()) {
        nearest = mismatch;
      }
    }
    String others =
        ofPath.size() == 1
            ? ""
            : ", in the nearest of the " + ofPath.size() + " ways it is allowed";
    return nearest.map(
        m -> "these arguments of " + request.command() + " are not allowed: " + m.words() + others);
  }

  /// The first argument that does not fit.
  ///
  /// @param argument from 0
  private record Mismatch(int argument, String words) {}

  private static Optional<Mismatch> mismatch(AllowedCommand command, List<String> args) {
    List<ArgumentPattern> patterns = command.patterns().stream().map(ArgumentPattern::of).toList();
    int most = command.repeats() ? Integer.MAX_VALUE : patterns.size();
    for (int i = 0; i < args.size(); i++) {
      String found = quoted(args.get(i));
      if (i >= most) {
        return Optional.of(new Mismatch(i, "at most " + most + " expected, found " + args.size()));
      }
      int which = Math.min(i, patterns.size() - 1);
      ArgumentPattern pattern = patterns.get(which);
      if (!pattern.matches(args.get(i))) {
        String expected = quoted(command.patterns().get(which)) + options(pattern, args.get(i));
        return Optional.of(
            new Mismatch(i, "args[" + i + "]: " + expected + " expected, found " + found));
      }
    }
    return args.size() >= patterns.size()
        ? Optional.empty()
        : Optional.of(
            new Mismatch(
                args.size(),
                "args["
                    + args.size()
                    + "]: "
                    + quoted(command.patterns().get(args.size()))
                    + " expected, found nothing"));
  }

  /// That an expression lets no options in is not to be seen in it.
  private static String options(ArgumentPattern pattern, String argument) {
    return argument.startsWith("-") && pattern instanceof Expression e && !e.takesOptions()
        ? ", which does not begin with '-' and so fits no option,"
        : "";
  }

  private static String quoted(String text) {
    return "'" + Excerpt.of(text, SHOWN) + "'";
  }
}
