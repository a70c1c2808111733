package dev.nexus.projector.live;

import dev.nexus.topic.Topic;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Where a listener stands: the next offset of every partition it has heard of. Its text is the id
/// of an event of the stream, such as `x0:17,x1:4,p0:2`, from which a listener can go on.
public record StreamPosition(Map<Part, Long> next) {
  private static final Map<Topic, String> LETTERS =
      Map.of(Topic.EXECUTIONS, "x", Topic.PROMOTIONS, "p");

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
  }

  /// Reads an id; throws `IllegalArgumentException` that says what is expected.
  public static StreamPosition parse(String id) {
    Map<Part, Long> next = new HashMap<>();
    for (String one : id.split(",")) {
      int colon = one.indexOf(':');
      if (colon < 2) {
        throw new IllegalArgumentException("an id of this stream expected, found '" + id + "'");
      }
      Topic topic =
          LETTERS.entrySet().stream()
              .filter(e -> one.startsWith(e.getValue()))
              .map(Map.Entry::getKey)
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "an id of this stream expected, found '" + id + "'"));
      next.put(
          new Part(topic, Integer.parseInt(one.substring(1, colon))),
          Long.parseLong(one.substring(colon + 1)));
    }
    return new StreamPosition(next);
  }

  /// This position after a record was heard.
  StreamPosition after(Part part, long offset) {
    Map<Part, Long> moved = new HashMap<>(next);
    moved.put(part, offset + 1);
    return new StreamPosition(moved);
  }

  long of(Part part) {
    return next.getOrDefault(part, 0L);
  }

  @Override
  public String toString() {
    return new TreeMap<>(next)
        .entrySet().stream()
            .map(e -> e.getKey() + ":" + e.getValue())
            .collect(Collectors.joining(","));
  }
}
