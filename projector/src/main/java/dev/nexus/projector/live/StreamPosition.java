package dev.nexus.projector.live;

import dev.nexus.platform.stream.Imprint;
import dev.nexus.topic.Topic;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Where a listener stands: the next offset of every partition it has heard of, and what the record
/// before it looked like, where that is known. Its text is the id of an event of the stream, from
/// which a listener can go on, such as `x0:17~1.3.0a1b2c3d,p0:2`: the record one place before 17 is
/// of epoch 3, and that is the beginning of its digest. Ids from before this was in them have
/// offsets only.
public record StreamPosition(Map<Part, Long> next, Map<Part, Imprint> last) {
  private static final Map<Topic, String> LETTERS =
      Map.of(Topic.EXECUTIONS, "x", Topic.PROMOTIONS, "p");
  private static final String BEFORE = "~";
  private static final Pattern RECORD =
      Pattern.compile("([1-9][0-9]{0,8})\\.(-1|[0-9]{1,9})\\.([0-9a-f]{8})");

  /// A partition of one of the topics that are streamed.
  public record Part(Topic topic, int partition) implements Comparable<Part> {
    @Override
    public int compareTo(Part other) {
      return topic == other.topic
          ? Integer.compare(partition, other.partition)
          : topic.compareTo(other.topic);
    }

    @Override
    public String toString() {
      return LETTERS.getOrDefault(topic, "?") + partition;
    }
  }

  public StreamPosition {
    next = Map.copyOf(next);
    last = Map.copyOf(last);
  }

  /// One of which nobody knows what stands before it.
  public StreamPosition(Map<Part, Long> next) {
    this(next, Map.of());
  }

  static StreamPosition of(Map<Part, Long> next, Map<Part, LazyImprint> last) {
    Map<Part, Imprint> made = new HashMap<>();
    last.forEach((part, imprint) -> made.put(part, imprint.get()));
    return new StreamPosition(next, made);
  }

  /// Reads an id; throws `IllegalArgumentException` that says what is expected.
  public static StreamPosition parse(String id) {
    Map<Part, Long> next = new HashMap<>();
    Map<Part, Imprint> last = new HashMap<>();
    for (String one : id.split(",")) {
      int colon = one.indexOf(':');
      if (colon < 2) {
        throw unexpected(id);
      }
      Topic topic =
          LETTERS.entrySet().stream()
              .filter(e -> one.startsWith(e.getValue()))
              .map(Map.Entry::getKey)
              .findFirst()
              .orElseThrow(() -> unexpected(id));
      Part part = new Part(topic, Integer.parseInt(one.substring(1, colon)));
      int before = one.indexOf(BEFORE, colon);
      int end = before < 0 ? one.length() : before;
      long place = Long.parseLong(one.substring(colon + 1, end));
      next.put(part, place);
      if (before >= 0) {
        last.put(part, record(place, one.substring(before + 1), id));
      }
    }
    return new StreamPosition(next, last);
  }

  private static Imprint record(long next, String text, String id) {
    Matcher form = RECORD.matcher(text);
    if (!form.matches() || Long.parseLong(form.group(1)) > next) {
      throw unexpected(id);
    }
    return new Imprint(
        next - Long.parseLong(form.group(1)), Integer.parseInt(form.group(2)), form.group(3));
  }

  private static IllegalArgumentException unexpected(String id) {
    return new IllegalArgumentException("an id of this stream expected, found '" + id + "'");
  }

  long of(Part part) {
    return next.getOrDefault(part, 0L);
  }

  private String text(Part part, long place) {
    Imprint record = last.get(part);
    return part
        + ":"
        + place
        + (record == null
            ? ""
            : BEFORE + (place - record.offset()) + "." + record.epoch() + "." + record.digest());
  }

  @Override
  public String toString() {
    return new TreeMap<>(next)
        .entrySet().stream()
            .map(e -> text(e.getKey(), e.getValue()))
            .collect(Collectors.joining(","));
  }
}
