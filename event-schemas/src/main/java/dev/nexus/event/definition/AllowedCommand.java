package dev.nexus.event.definition;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// A program that `core.linux.executeCommand` may run for an application, and with which arguments.
/// One program may stand in several, each of which is enough.
///
/// @param path of the program in the image of its pool
/// @param args what each argument has to be: a text, or `re:` and a regular expression that is to
///     match all of it; a last `...` lets the one before it stand for one argument or more
public record AllowedCommand(String path, List<String> args) {
  /// Begins an argument that is given as a regular expression.
  public static final String EXPRESSION = "re:";

  /// Lets the argument before it stand for one or more.
  public static final String REPEATED = "...";

  public static final String PATH_SHAPE =
      "the full path of a program such as /usr/bin/jq, without '..', '//' or a '/' at its end";

  public static final int LONGEST_PATH = 255;
  public static final int MOST_COMMANDS = 64;
  public static final int MOST_ARGUMENTS = 64;

  /// Characters of one of `args`.
  public static final int LONGEST_PATTERN = 1_024;

  private static final Pattern PATH = Pattern.compile("(/(?!\\.{1,2}(/|$))[^/\\p{Cntrl}]+)+");

  /// Where nothing of an image is, or where code could put something.
  private static final List<String> NOT_OF_THE_IMAGE =
      List.of("/dev/", "/proc/", "/run/", "/sys/", "/tmp/", "/var/run/", "/var/tmp/");

  /// What runs whatever it is told to, in a language of its own.
  private static final Set<String> SHELLS =
      Set.of(
          "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "ksh93", "mksh", "rbash", "sh",
          "tcsh", "toybox", "zsh");

  public AllowedCommand {
    args = args == null ? List.of() : List.copyOf(args);
  }

  /// What is expected of a path in place of this one; "" when it will do.
  public static String pathFault(String path) {
    if (path.length() > LONGEST_PATH || !PATH.matcher(path).matches()) {
      return PATH_SHAPE;
    }
    if (NOT_OF_THE_IMAGE.stream().anyMatch(path::startsWith)) {
      return "a program of the image, which nothing below "
          + path.substring(0, path.indexOf('/', 1))
          + " is";
    }
    return SHELLS.contains(path.substring(path.lastIndexOf('/') + 1))
        ? "a program that is no shell, as a shell runs whatever its arguments say"
        : "";
  }

  /// What is expected of the arguments in place of these; "" when they will do. What is behind
  /// `re:` is not looked at.
  public static String argsFault(List<String> args) {
    if (args.size() > MOST_ARGUMENTS) {
      return "at most " + MOST_ARGUMENTS + " arguments";
    }
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      if (arg.equals(REPEATED) && (i == 0 || i < args.size() - 1)) {
        return REPEATED + " at the end, behind what may repeat";
      }
      if (arg.length() > LONGEST_PATTERN || arg.indexOf('\0') >= 0) {
        return "arguments of at most " + LONGEST_PATTERN + " characters, none of which is NUL";
      }
    }
    return "";
  }

  /// Whether the last of `args` may repeat.
  public boolean repeats() {
    return !args.isEmpty() && args.getLast().equals(REPEATED);
  }

  /// `args` without what says that the last one repeats.
  public List<String> patterns() {
    return repeats() ? args.subList(0, args.size() - 1) : args;
  }
}
