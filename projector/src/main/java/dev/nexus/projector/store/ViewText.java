package dev.nexus.projector.store;

import java.util.HashMap;
import java.util.Map;

/// A view as one text: for each field a line break, its name, a space, its value. One value is
/// several times cheaper to move through a script than a hash of twenty fields, and `GET` still
/// shows a person what is there. The apply script reads single fields of it.
public final class ViewText {
  private ViewText() {}

  public static String write(Map<String, String> fields) {
    StringBuilder text = new StringBuilder(fields.size() * 32);
    fields.forEach(
        (name, value) -> {
          text.append('\n').append(name).append(' ');
          appendEscaped(text, value);
        });
    return text.toString();
  }

  private static void appendEscaped(StringBuilder text, String value) {
    if (value.indexOf('\n') < 0 && value.indexOf('\\') < 0) {
      text.append(value);
      return;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\n' -> text.append("\\n");
        case '\\' -> text.append("\\\\");
        default -> text.append(c);
      }
    }
  }

  /// The fields of a text that `write` made; empty for an empty one.
  public static Map<String, String> read(String text) {
    Map<String, String> fields = HashMap.newHashMap(24);
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('\n', at + 1);
      int stop = end < 0 ? text.length() : end;
      int space = text.indexOf(' ', at);
      if (text.charAt(at) != '\n' || space < 0 || space > stop) {
        throw new IllegalArgumentException("no view: '" + text + "'");
      }
      fields.put(text.substring(at + 1, space), unescaped(text.substring(space + 1, stop)));
      at = stop;
    }
    return fields;
  }

  private static String unescaped(String value) {
    if (value.indexOf('\\') < 0) {
      return value;
    }
    StringBuilder text = new StringBuilder(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length()) {
        i++;
        text.append(value.charAt(i) == 'n' ? '\n' : value.charAt(i));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
