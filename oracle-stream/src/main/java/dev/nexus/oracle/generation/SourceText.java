package dev.nexus.oracle.generation;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// JavaScript source of a candidate, read as text: enough to refuse what may not run and to find
/// what it reads. What runs it does not rely on this; a sandbox does.
final class SourceText {
  private static final int MOST_BYTES = 64 * 1024;
  private static final Pattern BRACKET_NAME =
      Pattern.compile("\\[\\s*(['\"])([A-Za-z_$][\\w$]*)\\1\\s*]");
  private static final Pattern HANDLE =
      Pattern.compile("\\bfunction\\s+handle\\s*\\(|\\b(?:const|let|var)\\s+handle\\s*=");

  private enum Forbidden {
    EVAL("\\beval\\b"),
    FUNCTION("\\bFunction\\s*\\("),
    IMPORT("\\bimport\\b"),
    REQUIRE("\\brequire\\b"),
    CONSTRUCTOR("\\.\\s*constructor\\b");

    private final Pattern pattern;

    Forbidden(String regex) {
      this.pattern = Pattern.compile(regex);
    }
  }

  private SourceText() {}

  /// Why the source may not be tried; empty when it may.
  static Optional<String> refusal(String source) {
    int bytes = source.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    if (bytes > MOST_BYTES) {
      return Optional.of("source of at most " + MOST_BYTES + " bytes expected, found " + bytes);
    }
    String code = withoutTexts(source);
    for (Forbidden forbidden : Forbidden.values()) {
      if (forbidden.pattern.matcher(code).find()) {
        return Optional.of(
            "the source uses " + forbidden.name().toLowerCase(Locale.ROOT) + ", which is refused");
      }
    }
    if (!HANDLE.matcher(code).find()) {
      return Optional.of("the source declares no function handle(input)");
    }
    return Optional.empty();
  }

  /// The code without comments and with the content of quoted texts removed; template texts stay,
  /// because they hold code. `x["name"]` becomes `x.name` first.
  static String withoutTexts(String source) {
    String code = BRACKET_NAME.matcher(source).replaceAll(".$2");
    StringBuilder kept = new StringBuilder(code.length());
    int i = 0;
    while (i < code.length()) {
      char c = code.charAt(i);
      if (c == '\'' || c == '"') {
        i = behindText(code, i);
        kept.append("\"\"");
      } else if (code.startsWith("//", i)) {
        int end = code.indexOf('\n', i);
        i = end < 0 ? code.length() : end;
      } else if (code.startsWith("/*", i)) {
        int end = code.indexOf("*/", i + 2);
        i = end < 0 ? code.length() : end + 2;
        kept.append(' ');
      } else {
        kept.append(c);
        i++;
      }
    }
    return kept.toString();
  }

  private static int behindText(String code, int start) {
    char quote = code.charAt(start);
    int i = start + 1;
    while (i < code.length() && code.charAt(i) != quote && code.charAt(i) != '\n') {
      i += code.charAt(i) == '\\' ? 2 : 1;
    }
    return Math.min(i + 1, code.length());
  }
}
