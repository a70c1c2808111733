package dev.nexus.projector.store;

/// A partition of the log whose fold is kept: `topic` is the name on the brokers.
public record Slot(String topic, int partition) {

  /// Full name of a key in a generation of this partition.
  public String name(String generation, Key key) {
    return key.tenant() + infix(generation) + key.name();
  }

  /// What stands between tenant and name.
  String infix(String generation) {
    return ":" + tag() + ":" + generation + ":";
  }

  /// Full name of a position.
  public String positionName(Track track) {
    return "_:" + tag() + ":" + track.word();
  }

  private String tag() {
    return "{" + topic + "/" + partition + "}";
  }

  /// Glob of every name of this partition, whatever the tenant and generation.
  public String glob() {
    return "*:" + tag().replace("[", "\\[").replace("?", "\\?").replace("*", "\\*") + ":*";
  }

  @Override
  public String toString() {
    return topic + "/" + partition;
  }
}
