package dev.nexus.event;

/// Place of a record in the log. Facts carry the position of the input they were decided from, so
/// that a fold of the facts names where the decider goes on.
public record Position(
    @Doc("Topic of the input this was decided from.") String inputTopic,
    @Doc("Partition of that input.") int inputPartition,
    @Doc("Offset of that input; -1 when there was none.") long inputOffset) {

  public static final Position NONE = new Position("", -1, -1);

  public boolean exists() {
    return inputOffset >= 0;
  }
}
