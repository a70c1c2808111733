package dev.nexus.scriptedmodel.triage;

import java.util.LinkedHashSet;
import java.util.Set;

/// Finds the string literals of a JavaScript source: quoted and template ones, not those in
/// comments. A regular expression counts as a literal too, as text.
final class JsLiterals {
  private final String source;
  private final Set<String> literals = new LinkedHashSet<>();
  private int at = 0;
  private char lastToken = '\n';

  private JsLiterals(String source) {
    this.source = source;
  }

  static Set<String> of(String source) {
    return new JsLiterals(source).scan();
  }

  private Set<String> scan() {
    while (at < source.length()) {
      char c = source.charAt(at);
      if (c == '"' || c == '\'' || c == '`') {
        literals.add(quoted(c));
        lastToken = c;
      } else if (source.startsWith("//", at)) {
        skipTo("\n");
      } else if (source.startsWith("/*", at)) {
        skipTo("*/");
      } else if (c == '/' && "(,=:[!&|?{};\n".indexOf(lastToken) >= 0) {
        literals.add(quoted('/'));
        lastToken = '/';
      } else {
        lastToken = Character.isWhitespace(c) ? lastToken : c;
        at++;
      }
    }
    return literals;
  }

  private void skipTo(String end) {
    int found = source.indexOf(end, at + 2);
    at = found < 0 ? source.length() : found + end.length();
  }

  /// Text up to the closing quote, escapes resolved; `at` ends behind it.
  private String quoted(char quote) {
    var text = new StringBuilder();
    at++;
    while (at < source.length() && source.charAt(at) != quote) {
      char c = source.charAt(at++);
      if (c == '\\' && at < source.length()) {
        c = source.charAt(at++);
        text.append(
            switch (c) {
              case 'n' -> "\n";
              case 't' -> "\t";
              case 'r' -> "\r";
              case 'b' -> "\b";
              case 'f' -> "\f";
              case 'v' -> "\u000B";
              case '0' -> "\0";
              case 'u', 'x' -> codePoint(c);
              default -> String.valueOf(c);
            });
      } else {
        text.append(c);
      }
    }
    at++;
    return text.toString();
  }

  private String codePoint(char kind) {
    int end;
    String digits;
    if (kind == 'u' && at < source.length() && source.charAt(at) == '{') {
      end = source.indexOf('}', at) + 1;
      digits = end == 0 ? "" : source.substring(at + 1, end - 1);
    } else {
      end = Math.min(source.length(), at + (kind == 'u' ? 4 : 2));
      digits = source.substring(at, end);
    }
    if (!digits.matches("[0-9a-fA-F]{1,6}")) {
      return String.valueOf(kind);
    }
    at = end;
    return Character.toString(Integer.parseInt(digits, 16));
  }
}
