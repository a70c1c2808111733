package dev.nexus.testkit;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server-sent event.
///
/// @param id "" where it has none
public record SentEvent(String name, String id, String data) {
  private static final Pattern FACT = Pattern.compile("\"eventId\":\"([^\"]+)\"");

  /// The id of the fact that it carries; empty for what says something of the stream itself.
  public Optional<String> fact() {
    Matcher found = FACT.matcher(data);
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }

  /// Makes events of the lines of a stream, one after the other. What is no line of an event, such
  /// as a size between chunks, is passed over.
  public static final class Lines {
    private String name = "";
    private String id = "";
    private String data = "";

    /// Takes a line; gives the event that ends with it.
    public Optional<SentEvent> take(String line) {
      if (line.startsWith("id:")) {
        id = line.substring(3).strip();
      } else if (line.startsWith("event:")) {
        name = line.substring(6).strip();
      } else if (line.startsWith("data:")) {
        data += line.substring(5).strip();
      } else if (line.isEmpty() && !name.isEmpty()) {
        SentEvent whole = new SentEvent(name, id, data);
        name = "";
        id = "";
        data = "";
        return Optional.of(whole);
      }
      return Optional.empty();
    }
  }
}
