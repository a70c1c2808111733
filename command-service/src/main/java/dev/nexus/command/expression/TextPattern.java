package dev.nexus.command.expression;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/// A regular expression in a condition. The engine takes time in proportion to the text, and does
/// not look how large an expression becomes: a few characters, with counts of counts, ask for all
/// memory. So counts are bounded before any is carried out.
final class TextPattern {
  /// As often as counts may repeat something, all together.
  static final long MOST_REPEATED = 10_000;

  /// A group that is counted, or what may stand between a count and another one of it.
  private static final Pattern NESTED = Pattern.compile("\\)[*+?]*\\{[0-9]|\\\\Q|\\}[*+?]*\\{");

  /// `{3}`, `{3,}` or `{3,7}`.
  private static final Pattern COUNT = Pattern.compile("\\{([0-9]{1,9})(?:,([0-9]{0,9}))?\\}");

  private TextPattern() {}

  /// Whether some of the text fits. Throws `CostException` for an expression that is none
  /// or too large.
  static boolean isIn(String text, String expression) {
    if (repeated(expression) > MOST_REPEATED) {
      throw new CostException(
          "a regular expression whose counts repeat something at most "
              + MOST_REPEATED
              + " times expected");
    }
    try {
      return Pattern.compile(expression).matcher(text).find();
    } catch (PatternSyntaxException e) {
      throw new CostException("a regular expression expected: " + e.getMessage());
    }
  }

  /// The most that counts come to: their product where one may be inside of another, else their
  /// sum.
  private static long repeated(String expression) {
    boolean nested = NESTED.matcher(expression).find();
    long sum = 0;
    long product = 1;
    Matcher counts = COUNT.matcher(expression);
    while (counts.find()) {
      String most = counts.group(2);
      long count = Long.parseLong(most == null || most.isEmpty() ? counts.group(1) : most);
      sum += count;
      product = Math.min(product, MOST_REPEATED + 1) * Math.max(1, count);
    }
    return nested ? Math.max(sum, product) : sum;
  }
}
