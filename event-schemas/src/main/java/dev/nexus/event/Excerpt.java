package dev.nexus.event;

/// The beginning of a text that may be long, as reasons and findings show it.
public final class Excerpt {
  private Excerpt() {}

  /// The text itself, or its first `longest` characters and `…`.
  public static String of(String text, int longest) {
    return text.length() <= longest ? text : beginning(text, longest) + "…";
  }

  /// The first `longest` characters, or all there are. A character of two halves that would be cut
  /// in two is left out: half of one is no text.
  public static String beginning(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    boolean halves = Character.isHighSurrogate(text.charAt(longest - 1));
    return text.substring(0, halves ? longest - 1 : longest);
  }
}
