package dev.nexus.event.definition;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;

/// A text that is no JSON. The message is one sentence for a person who wrote it: what stands where
/// it breaks, and where that is. What the parser says of itself helps nobody else.
public final class MalformedJsonException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_SHOWN = 20;

  private final String what;
  private final int line;
  private final int column;

  private MalformedJsonException(String what, int line, int column, Throwable cause) {
    super("JSON expected, found " + what + place(line, column), cause);
    this.what = what;
    this.line = line;
    this.column = column;
  }

  /// Of a text that is empty.
  MalformedJsonException() {
    super("JSON expected, found nothing");
    this.what = "nothing";
    this.line = 0;
    this.column = 0;
  }

  /// Where a parser of `text` stopped and why.
  public static MalformedJsonException of(String text, JsonProcessingException failure) {
    JsonLocation at = failure.getLocation();
    boolean known = at != null && at.getLineNr() > 0 && at.getColumnNr() > 0;
    int line = known ? at.getLineNr() : 0;
    int column = known ? at.getColumnNr() : 0;
    return switch (failure) {
      case JsonEOFException _ ->
          new MalformedJsonException("its end too early", line, column, failure);
      case StreamConstraintsException _ ->
          new MalformedJsonException(
              "a value that is nested too deep or is too long", line, column, failure);
      case JsonProcessingException _ when !known ->
          new MalformedJsonException("something else", 0, 0, failure);
      case JsonParseException _ -> broken(text, (int) at.getCharOffset(), line, column, failure);
      default -> new MalformedJsonException("more after its end", line, column, failure);
    };
  }

  /// The word or character that does not belong there. Of a word the parser names the end.
  private static MalformedJsonException broken(
      String text, int offset, int line, int column, JsonProcessingException failure) {
    if (offset < 0 || offset > text.length()) {
      return new MalformedJsonException("something else", line, column, failure);
    }
    if (offset < text.length() && Character.isISOControl(text.charAt(offset))) {
      return new MalformedJsonException("a control character", line, column, failure);
    }
    int from = offset;
    while (from > 0 && isOfAWord(text.charAt(from - 1))) {
      from--;
    }
    int to = offset;
    while (to < text.length() && isOfAWord(text.charAt(to))) {
      to++;
    }
    if (from == to && to < text.length()) {
      to += Character.charCount(text.codePointAt(to));
    }
    String found = text.substring(from, Math.min(to, from + LONGEST_SHOWN));
    String shown = "'" + found + (to - from > LONGEST_SHOWN ? "…'" : "'");
    return new MalformedJsonException(
        found.isEmpty() ? "its end too early" : shown, line, column - (offset - from), failure);
  }

  private static boolean isOfAWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  private static String place(int line, int column) {
    return line == 0 ? "" : " at line " + line + " column " + column;
  }

  /// What stands where JSON was expected, with its place.
  public String found() {
    return what + place(line, column);
  }

  /// What stands there, for who says the place otherwise.
  public String what() {
    return what;
  }

  /// Counted from 1; 0 when it is not known.
  public int line() {
    return line;
  }

  /// Counted from 1; 0 when it is not known.
  public int column() {
    return column;
  }
}
