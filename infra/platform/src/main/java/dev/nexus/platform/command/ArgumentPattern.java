package dev.nexus.platform.command;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.nexus.event.definition.AllowedCommand;

/// What one argument of a command has to be: a text, or all of a regular expression. Authors write
/// them and callers send what they are tried on, so neither may make it take long: the engine takes
/// time in proportion to the text, and what makes an expression grow is bounded.
public sealed interface ArgumentPattern {
  /// Instructions that the expressions of one application may have together.
  int MOST_INSTRUCTIONS = 10_000;

  boolean matches(String argument);

  /// Instructions of its expression; none of a text.
  int size();

  /// The argument is this text.
  record Text(String text) implements ArgumentPattern {
    @Override
    public boolean matches(String argument) {
      return text.equals(argument);
    }

    @Override
    public int size() {
      return 0;
    }
  }

  /// The whole argument fits the expression. One that begins with `-` is an option to most
  /// programs, so it fits only an expression that begins so too.
  record Expression(Pattern pattern) implements ArgumentPattern {
    private static final int LARGEST = 1_000;
    private static final String OPTION = "-";

    /// A group that is counted, or what may stand between one and its count.
    private static final Pattern GROWING = Pattern.compile("\\)\\{[0-9]|\\\\Q");

    /// `{3}`, `{3,}` or `{3,7}`; of more digits than these none is compiled.
    private static final Pattern COUNT = Pattern.compile("\\{([0-9]{1,9})(?:,([0-9]{0,9}))?\\}");

    @Override
    public boolean matches(String argument) {
      return (!argument.startsWith(OPTION) || takesOptions()) && pattern.matches(argument);
    }

    /// Whether an argument that begins with `-` may fit.
    public boolean takesOptions() {
      String text = pattern.pattern();
      return text.startsWith(OPTION) || text.startsWith("\\" + OPTION);
    }

    @Override
    public int size() {
      return pattern.programSize();
    }
  }

  /// Reads one of `AllowedCommand.args`. Throws `IllegalArgumentException`, which says what is
  /// expected, where it is an expression that cannot be used.
  static ArgumentPattern of(String text) {
    if (!text.startsWith(AllowedCommand.EXPRESSION)) {
      return new Text(text);
    }
    String expression = text.substring(AllowedCommand.EXPRESSION.length());
    // A count of a group multiplies what is counted in it, as often as groups nest: a few
    // characters would ask for all memory. With nothing between \Q and \E a count skips them.
    if (Expression.GROWING.matcher(expression).find()) {
      throw new IllegalArgumentException(
          "an expression without \\Q and without a group that is counted, as (ab){2} is");
    }
    if (counted(expression) > Expression.LARGEST) {
      throw tooLarge("its counts alone make more");
    }
    Pattern compiled;
    try {
      compiled = Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "a regular expression of RE2 (" + e.getDescription() + ")", e);
    }
    if (compiled.programSize() > Expression.LARGEST) {
      throw tooLarge("this one has " + compiled.programSize());
    }
    return new Expression(compiled);
  }

  private static IllegalArgumentException tooLarge(String found) {
    return new IllegalArgumentException(
        "an expression of at most " + Expression.LARGEST + " instructions, where " + found);
  }

  /// The sum of all counts, known before any is carried out: a thousand bytes of them would be a
  /// tenth of a second of work, and an application has room for many.
  private static long counted(String expression) {
    long sum = 0;
    Matcher counts = Expression.COUNT.matcher(expression);
    while (counts.find()) {
      String most = counts.group(2);
      sum += Long.parseLong(most == null || most.isEmpty() ? counts.group(1) : most);
    }
    return sum;
  }
}
